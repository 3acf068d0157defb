from django.db import migrations

from incubator.common.walls import OWN_COMPANY, READ, Access, history_wall, wall

OWN = Access(select=OWN_COMPANY)
# Storage is told by the day it is of; only charged usage makes the burn that founders look at.
LAST_IMPORT = """
CREATE OR REPLACE FUNCTION camp_last_usage_import() RETURNS timestamptz
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ SELECT max(finished_at) FROM compute_usageimport WHERE state = 'imported' AND source <> 'storage' $$;
"""


class Migration(migrations.Migration):
    dependencies = [("compute", "0009_storage_alerts_prices")]
    operations = [
        wall("compute_storagegrant", founder=OWN),
        history_wall("compute_storagegrantevent"),
        wall("compute_storagelevel", founder=OWN),
        wall("compute_usagealert", founder=OWN),
        wall("compute_marketprice", founder=READ),
        migrations.RunSQL(LAST_IMPORT, migrations.RunSQL.noop),
    ]
