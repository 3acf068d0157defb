"""The camp's database roles, and the settings that their policies read.

Roles belong to the whole server, so parallel databases race to create them: both outcomes of that race are expected.
"""

from django.db import migrations

ROLES = ("camp_public", "camp_founder", "camp_investor", "camp_adviser", "camp_staff")

CREATE_ROLES = "".join(
    f"""
DO $$ BEGIN
  CREATE ROLE {role} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
  IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
    EXECUTE format('GRANT {role} TO %I', current_user);
  END IF;
EXCEPTION WHEN unique_violation THEN NULL;
END $$;
GRANT USAGE ON SCHEMA public TO {role};
"""
    for role in ROLES
)

SETTINGS = """
CREATE OR REPLACE FUNCTION camp_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('camp.user', true), '')::bigint;
CREATE OR REPLACE FUNCTION camp_adviser() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('camp.adviser', true), '')::bigint;
CREATE OR REPLACE FUNCTION camp_companies() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
  RETURN string_to_array(nullif(current_setting('camp.companies', true), ''), ',')::bigint[];
CREATE OR REPLACE FUNCTION camp_firms() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
  RETURN string_to_array(nullif(current_setting('camp.firms', true), ''), ',')::bigint[];
"""

STAFF_EVERYWHERE = """
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO camp_staff;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO camp_staff;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO camp_staff;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO camp_staff;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list = []
    operations = [
        migrations.RunSQL(CREATE_ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(
            SETTINGS,
            "DROP FUNCTION IF EXISTS camp_user(), camp_adviser(), camp_companies(), camp_firms();",
        ),
        migrations.RunSQL(STAFF_EVERYWHERE, migrations.RunSQL.noop),
    ]
