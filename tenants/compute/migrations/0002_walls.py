from django.db import migrations

from incubator.common.walls import OWN_COMPANY, READ, Access, history_wall, wall

OWN = Access(select=OWN_COMPANY)
# Founders learn when usage was last read and nothing else of an import: its file holds every company's jobs.
LAST_IMPORT = """
CREATE OR REPLACE FUNCTION camp_last_usage_import() RETURNS timestamptz
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ SELECT max(finished_at) FROM compute_usageimport WHERE state = 'imported' $$;
REVOKE ALL ON FUNCTION camp_last_usage_import() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION camp_last_usage_import() TO camp_founder, camp_staff;
"""
# Each link is forged onto the one before it, the first of a statement onto the chain's head.
CHAIN = """
CREATE OR REPLACE FUNCTION camp_link(before text, head text, said text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT encode(sha256(convert_to(coalesce(before, head) || '|' || said, 'UTF8')), 'hex') $$;
CREATE OR REPLACE AGGREGATE camp_chain(head text, said text) (SFUNC = camp_link, STYPE = text);
"""


class Migration(migrations.Migration):
    dependencies = [("compute", "0001_initial"), ("companies", "0002_walls")]
    operations = [
        wall("compute_cluster", founder=READ),
        history_wall("compute_clusterevent"),
        wall("compute_clusteraccount", founder=OWN),
        history_wall("compute_clusteraccountevent"),
        wall("compute_resource", founder=READ),
        history_wall("compute_resourceevent"),
        wall("compute_resourcerate", founder=READ),
        history_wall("compute_resourcerateevent"),
        migrations.RunSQL(CHAIN, "DROP AGGREGATE IF EXISTS camp_chain(text, text); DROP FUNCTION IF EXISTS camp_link(text, text, text)"),
        wall("compute_creditaccount", founder=OWN),
        wall("compute_ledgerentry", founder=OWN),
        wall("compute_credithold", founder=OWN),
        wall("compute_transfer", founder=OWN),
        wall("compute_usageday", founder=OWN),
        wall("compute_pool"),
        history_wall("compute_poolevent"),
        wall("compute_allocation", founder=OWN),
        history_wall("compute_allocationevent"),
        wall("compute_usageimport"),
        wall("compute_rejectedrow"),
        wall("compute_usageposting", founder=OWN),
        wall("compute_usagerecord", founder=OWN),
        wall("compute_usagetally", founder=OWN),
        wall("compute_assignedserver"),
        wall("compute_jobhold", founder=OWN),
        migrations.RunSQL(LAST_IMPORT, "DROP FUNCTION IF EXISTS camp_last_usage_import()"),
    ]
