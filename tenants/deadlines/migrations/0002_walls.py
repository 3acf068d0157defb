from django.db import migrations

from incubator.common.walls import OWN_COMPANY, OWN_USER, READ, Access, history_wall, opening, wall

# A founder sends evidence in; that it counts is a manager's to say.
SENT_IN = (
    f"{OWN_COMPANY} AND state = 'submitted' AND submitted_by_id = camp_user()"
    " AND num_nonnulls(decided_by_id, decided_at) = 0"
)
TO_COMPANY = f"{OWN_COMPANY} AND NOT to_camp"


class Migration(migrations.Migration):
    dependencies = [
        ("deadlines", "0001_initial"),
        ("companies", "0002_walls"),
        ("mailing", "0002_walls"),
    ]
    operations = [
        wall("deadlines_clockrules", founder=READ),
        history_wall("deadlines_clockrulesevent"),
        wall("deadlines_dutykind", founder=READ),
        history_wall("deadlines_dutykindevent"),
        wall("deadlines_duty", founder=Access(select=OWN_COMPANY, insert=SENT_IN)),
        history_wall("deadlines_dutyevent", writers=["founder"]),
        wall("deadlines_registrationcheck", founder=Access(select=OWN_COMPANY)),
        wall(
            "deadlines_reminderoff",
            founder=Access(select=OWN_USER, insert=OWN_USER, delete=OWN_USER),
        ),
        wall("deadlines_reminder", founder=Access(select=TO_COMPANY)),
        # When the mail of a reminder went out, and no more: its text may tell of another company.
        opening(
            "mailing_mail",
            "founder",
            "reminders",
            Access(
                select="id IN (SELECT digest_id FROM deadlines_reminder)", columns=("id", "made_at", "sent_at")
            ),
        ),
    ]
