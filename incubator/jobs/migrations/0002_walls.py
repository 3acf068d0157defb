from django.db import migrations

from incubator.common.walls import wall


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial"), ("accounts", "0002_walls")]
    operations = [wall("jobs_job")]
