from django.db import migrations

from incubator.common.walls import OWN_COMPANY, READ, Access, history_wall, wall

OWN_REQUEST = "request_id IN (SELECT id FROM helpdesk_helprequest)"
SEEN = f"NOT internal AND {OWN_REQUEST}"
# A founder writes what founders do, and only in their own name.
OWN_LINE = f"{SEEN} AND NOT by_camp AND actor_id = camp_user() AND kind IN ('opened', 'comment', 'state')"
OWN_PHOTO = "event_id IN (SELECT id FROM helpdesk_requestevent)"


class Migration(migrations.Migration):
    dependencies = [("helpdesk", "0001_initial"), ("companies", "0002_walls")]
    operations = [
        wall("helpdesk_category", founder=READ),
        history_wall("helpdesk_categoryevent"),
        wall(
            "helpdesk_helprequest",
            founder=Access(
                select=OWN_COMPANY,
                insert=f"{OWN_COMPANY} AND state = 'received' AND asked_by_id = camp_user()",
                update=f"{OWN_COMPANY} AND state <> 'declined'",
                update_columns=(
                    "state",
                    "due_on",
                    "solved_at",
                    "closes_on",
                    "closed_at",
                    "closed_by",
                    "reopened",
                    "satisfaction",
                    "updated_at",
                ),
            ),
        ),
        history_wall("helpdesk_helprequestevent", writers=["founder"]),
        wall("helpdesk_requestevent", founder=Access(select=SEEN, insert=OWN_LINE)),
        wall("helpdesk_requestphoto", founder=Access(select=OWN_PHOTO, insert=OWN_PHOTO)),
    ]
