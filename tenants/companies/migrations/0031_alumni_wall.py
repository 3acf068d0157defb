from django.db import migrations

from incubator.common.walls import OWN_COMPANY, Access, history_wall, wall


class Migration(migrations.Migration):
    dependencies = [("companies", "0030_alumni")]
    operations = [
        wall("companies_alumnirecord", founder=Access(select=OWN_COMPANY)),
        history_wall("companies_alumnirecordevent"),
    ]
