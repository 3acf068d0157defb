from django.db import migrations

from incubator.common.walls import OWN_COMPANY, READ, Access, history_wall, wall

OWN = Access(select=OWN_COMPANY)
# A founder asks and takes back; what is decided is never a founder's to write.
NEW_REQUEST = (
    f"{OWN_COMPANY} AND state = 'asked' AND asked_by_id = camp_user()"
    " AND num_nonnulls(pool_id, granted_gflop, grant_period, agreed_by_id, decided_by_id, allocation_id) = 0"
)
OWN_OPEN_REQUEST = f"{OWN_COMPANY} AND state IN ('asked', 'agreed', 'withdrawn')"
OWN_REQUEST = "request_id IN (SELECT id FROM compute_grantrequest)"
OWN_LIVE_NOTICE = f"{OWN_COMPANY} AND state IN ('open', 'exempting')"


class Migration(migrations.Migration):
    dependencies = [("compute", "0006_requests")]
    operations = [
        wall("compute_grantpolicy", founder=READ),
        wall(
            "compute_grantrequest",
            founder=Access(
                select=OWN_COMPANY,
                insert=NEW_REQUEST,
                update=OWN_OPEN_REQUEST,
                update_columns=("state", "decided_by_id", "decided_at", "updated_at"),
            ),
        ),
        history_wall("compute_grantrequestevent", writers=["founder"]),
        wall("compute_planneduse", founder=Access(select=OWN_REQUEST, insert=OWN_REQUEST)),
        wall(
            "compute_clawbacknotice",
            founder=Access(
                select=OWN_COMPANY,
                update=OWN_LIVE_NOTICE,
                update_columns=("state", "exemption_reason", "asked_by_id", "asked_at", "updated_at"),
            ),
        ),
        history_wall("compute_clawbacknoticeevent", writers=["founder"]),
        wall("compute_lotwarning", founder=OWN),
        wall("compute_lotextension", founder=OWN),
        wall("compute_creditmail"),
    ]
