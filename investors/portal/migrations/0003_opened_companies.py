from django.db import migrations

# A company that hides its name is open to a firm as long as a consent to that firm is. It runs as its owner, or the policies
# of companies and of consents would ask each other for ever.
OPENED = """
CREATE OR REPLACE FUNCTION camp_opened_companies() RETURNS bigint[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(company_id), '{}') FROM matching_disclosuregrant
  WHERE firm_id = ANY (camp_firms()) AND withdrawn_at IS NULL
    AND (now() AT TIME ZONE 'Asia/Seoul')::date BETWEEN since AND until
$$;
"""
NOBODY = """
CREATE OR REPLACE FUNCTION camp_opened_companies() RETURNS bigint[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$ SELECT '{}'::bigint[] $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("invest", "0002_walls"),
        ("matching", "0032_earlier_steps"),
        ("companies", "0041_teasers_wall"),
    ]
    operations = [migrations.RunSQL(OPENED, NOBODY)]
