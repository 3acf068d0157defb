from django.db import migrations

from incubator.common.walls import ANY, Access, wall


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("accounts", "0002_walls")]
    operations = [wall("audit_accessevent", staff=Access(select=ANY, insert=ANY))]
