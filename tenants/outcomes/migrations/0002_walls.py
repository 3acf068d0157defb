from django.db import migrations

from incubator.common.walls import OWN_COMPANY, READ, Access, history_wall, wall

OWN_REPORT = "report_id IN (SELECT id FROM outcomes_kpireport WHERE company_id = ANY (camp_companies()))"


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0001_initial"), ("companies", "0002_walls")]
    operations = [
        wall("outcomes_kpidefinition", founder=READ),
        history_wall("outcomes_kpidefinitionevent"),
        wall("outcomes_reportingperiod", founder=READ),
        history_wall("outcomes_reportingperiodevent"),
        wall(
            "outcomes_kpireport", founder=Access(select=OWN_COMPANY, insert=OWN_COMPANY, update=OWN_COMPANY)
        ),
        history_wall("outcomes_kpireportevent", writers=["founder"]),
        wall(
            "outcomes_kpivalue",
            founder=Access(select=OWN_REPORT, insert=OWN_REPORT, update=OWN_REPORT, delete=OWN_REPORT),
        ),
    ]
