from django.db import migrations

from incubator.common.walls import OWN_COMPANY, OWN_FIRM, Access, history_wall, opening, wall

OWN_DAYS = "day_id IN (SELECT day_id FROM demoday_daycompany)"
FIRMS_DAYS = "day_id IN (SELECT day_id FROM demoday_dayfirm)"
IN_FORCE = "plan_id IN (SELECT id FROM demoday_plan)"
# A company that no longer wants to be seen leaves the firms' pages at once: the sub-query runs under the investor's wall.
STILL_SEEN = "company_id IN (SELECT id FROM companies_company)"
OWN_WISH = f"side = 'company' AND {OWN_COMPANY}"
WHILE_COLLECTED = f"{OWN_WISH} AND {OWN_DAYS} AND day_id IN (SELECT id FROM demoday_demoday WHERE state = 'ranking')"
PLAN_SHOWN = ("id", "day_id", "number", "state", "published_at")


class Migration(migrations.Migration):
    dependencies = [
        ("demoday", "0001_initial"),
        ("matching", "0002_walls"),
        ("companies", "0002_walls"),
        ("firms", "0002_walls"),
    ]
    operations = [
        wall("demoday_daycompany", founder=Access(select=OWN_COMPANY)),
        history_wall("demoday_daycompanyevent"),
        wall(
            "demoday_dayfirm",
            founder=Access(select=OWN_DAYS, columns=("id", "day_id", "firm_id")),
            investor=Access(select=OWN_FIRM, columns=("id", "day_id", "firm_id")),
        ),
        history_wall("demoday_dayfirmevent"),
        wall(
            "demoday_demoday",
            founder=Access(select="state <> 'draft' AND id IN (SELECT day_id FROM demoday_daycompany)"),
            investor=Access(
                select="state IN ('published', 'over') AND id IN (SELECT day_id FROM demoday_dayfirm)"
            ),
        ),
        history_wall("demoday_demodayevent"),
        wall(
            "demoday_ranking",
            founder=Access(select=OWN_WISH, insert=WHILE_COLLECTED, delete=WHILE_COLLECTED),
        ),
        history_wall("demoday_rankingevent", writers=["founder"]),
        wall(
            "demoday_plan",
            founder=Access(select=f"state = 'published' AND {OWN_DAYS}", columns=PLAN_SHOWN),
            investor=Access(select=f"state = 'published' AND {FIRMS_DAYS}", columns=PLAN_SHOWN),
        ),
        wall(
            "demoday_meeting",
            founder=Access(select=f"{OWN_COMPANY} AND {IN_FORCE}"),
            investor=Access(select=f"{OWN_FIRM} AND {IN_FORCE} AND {STILL_SEEN}"),
        ),
        history_wall("demoday_meetingevent"),
        wall("demoday_verdict"),
        history_wall("demoday_verdictevent"),
        opening(
            "firms_firm",
            "founder",
            "demoday",
            Access(select="id IN (SELECT firm_id FROM demoday_dayfirm)", columns=("id", "name", "slug", "kind")),
        ),
    ]
