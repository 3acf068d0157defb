from django.db import migrations

from incubator.common.walls import Access, history_wall, opening, wall

OF_COMPANY = "company_id = ANY (camp_companies())"
OF_FIRM = "firm_id = ANY (camp_firms())"
# A company that no longer wants to be seen leaves the firms' lists at once: the sub-query runs under the investor's own wall.
STILL_SEEN = f"{OF_FIRM} AND company_id IN (SELECT id FROM companies_company)"


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0001_initial"),
        ("companies", "0002_walls"),
        ("firms", "0002_walls"),
    ]
    operations = [
        wall("matching_matchrun"),
        history_wall("matching_matchrunevent"),
        wall(
            "matching_match",
            founder=Access(select=f"published AND {OF_COMPANY}"),
            investor=Access(select=f"published AND {STILL_SEEN}"),
        ),
        history_wall("matching_matchevent"),
        wall(
            "matching_introduction",
            founder=Access(
                select=OF_COMPANY, update=OF_COMPANY, update_columns=("state", "answered_at", "note", "updated_at")
            ),
            investor=Access(select=f"{STILL_SEEN} AND state IN ('consented', 'sent', 'met', 'passed', 'invested')"),
        ),
        history_wall("matching_introductionevent", writers=["founder"]),
        wall(
            "matching_disclosuregrant",
            founder=Access(select=OF_COMPANY, insert=OF_COMPANY, update=OF_COMPANY, update_columns=("withdrawn_at",)),
            investor=Access(select=f"{OF_FIRM} AND withdrawn_at IS NULL AND until >= CURRENT_DATE"),
        ),
        history_wall("matching_disclosuregrantevent", writers=["founder"]),
        opening(
            "firms_firm",
            "founder",
            "matched",
            Access(
                select="id IN (SELECT firm_id FROM matching_match) OR id IN (SELECT firm_id FROM matching_introduction)"
            ),
        ),
    ]
