from django.db import migrations

from incubator.common.walls import wall


class Migration(migrations.Migration):
    dependencies = [("mailing", "0001_initial"), ("accounts", "0002_walls")]
    operations = [wall("mailing_mail")]
