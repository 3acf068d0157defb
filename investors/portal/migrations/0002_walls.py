from django.db import migrations

from incubator.common.walls import OWN_FIRM, Access, wall


class Migration(migrations.Migration):
    dependencies = [("invest", "0001_initial"), ("firms", "0002_walls")]
    operations = [
        # A firm reads that it has an address, and never what proves it.
        wall("invest_firmcalendar", investor=Access(select=OWN_FIRM, columns=("firm_id", "made_at", "revoked_at"))),
    ]
