from django.db import migrations

from incubator.common.walls import OWN_COMPANY, READ, Access, history_wall, wall

OWN_LEASE = "lease_id IN (SELECT id FROM leases_lease)"
# A founder asks and takes back; the decision is never a founder's to write.
OWN_REQUEST = f"{OWN_LEASE} AND state IN ('open', 'withdrawn')"

FLOOR_OF_BUILDING = """
ALTER TABLE leases_space ADD CONSTRAINT leases_space_floor_of_building
  FOREIGN KEY (floor_id, building_id) REFERENCES leases_floor (id, building_id);
"""


class Migration(migrations.Migration):
    dependencies = [("leases", "0001_initial"), ("companies", "0002_walls")]
    operations = [
        migrations.RunSQL(
            FLOOR_OF_BUILDING, "ALTER TABLE leases_space DROP CONSTRAINT leases_space_floor_of_building"
        ),
        wall("leases_building", founder=READ),
        history_wall("leases_buildingevent"),
        wall("leases_floor", founder=READ),
        history_wall("leases_floorevent"),
        wall("leases_space", founder=READ),
        history_wall("leases_spaceevent"),
        wall("leases_rate", founder=READ),
        history_wall("leases_rateevent"),
        wall("leases_lease", founder=Access(select=f"{OWN_COMPANY} AND state <> 'draft'")),
        history_wall("leases_leaseevent"),
        wall("leases_leasetransition", founder=Access(select=OWN_LEASE)),
        wall(
            "leases_extensionrequest",
            founder=Access(
                select=OWN_LEASE,
                insert=f"{OWN_LEASE} AND state = 'open' AND asked_by_id = camp_user()",
                update=OWN_REQUEST,
                update_columns=("state", "decided_by_id", "decided_at", "updated_at"),
            ),
        ),
        history_wall("leases_extensionrequestevent", writers=["founder"]),
    ]
