from django.db import migrations

from incubator.common.walls import OWN_COMPANY, Access, history_wall, wall

# Which companies have opened themselves to the firm that asks is known further up, where consents are: a migration there
# gives this function its body. Until then nobody has.
NOBODY = """
CREATE OR REPLACE FUNCTION camp_opened_companies() RETURNS bigint[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$ SELECT '{}'::bigint[] $$;
REVOKE ALL ON FUNCTION camp_opened_companies() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION camp_opened_companies()
  TO camp_investor, camp_founder, camp_adviser, camp_public, camp_reviewer, camp_staff;
"""
BY_NAME = """
GRANT SELECT (shown_by_name) ON companies_company TO camp_investor;
GRANT UPDATE (shown_by_name) ON companies_company TO camp_founder;
ALTER POLICY camp_investor_select ON companies_company
  USING (visible_to_investors AND (shown_by_name OR id = ANY ((SELECT camp_opened_companies())::bigint[])));
"""
NOT_BY_NAME = """
ALTER POLICY camp_investor_select ON companies_company USING (visible_to_investors);
REVOKE SELECT (shown_by_name) ON companies_company FROM camp_investor;
REVOKE UPDATE (shown_by_name) ON companies_company FROM camp_founder;
"""
# The view is its owner's and so reads past the walls: what it does not select, no firm can ask for. Neither the company's id
# nor any exact figure is in it.
TEASERS = """
CREATE VIEW companies_shownteaser WITH (security_barrier) AS
SELECT t.id, t.code, t.text, c.sectors, c.stage, c.region,
  CASE WHEN c.ask_krw IS NULL THEN 'none' WHEN c.ask_krw < 100000000 THEN 'lt1' WHEN c.ask_krw < 500000000 THEN '1to5'
    WHEN c.ask_krw < 2000000000 THEN '5to20' WHEN c.ask_krw < 5000000000 THEN '20to50' ELSE '50up' END AS ask,
  CASE WHEN c.employees < 5 THEN 'lt5' WHEN c.employees < 10 THEN '5to9' WHEN c.employees < 30 THEN '10to29'
    ELSE '30up' END AS people
FROM companies_teaser t JOIN companies_company c ON c.id = t.company_id
WHERE c.visible_to_investors AND NOT c.shown_by_name AND c.id <> ALL (camp_opened_companies());
REVOKE ALL ON companies_shownteaser FROM PUBLIC;
GRANT SELECT ON companies_shownteaser TO camp_investor;
"""


class Migration(migrations.Migration):
    dependencies = [("companies", "0040_teasers"), ("accounts", "0004_reviewers")]
    operations = [
        wall(
            "companies_teaser",
            founder=Access(
                select=OWN_COMPANY,
                insert=OWN_COMPANY,
                update=OWN_COMPANY,
                update_columns=("code", "text", "updated_at"),
            ),
        ),
        history_wall("companies_teaserevent", writers=["founder"]),
        migrations.RunSQL(NOBODY, "DROP FUNCTION camp_opened_companies();"),
        migrations.RunSQL(BY_NAME, NOT_BY_NAME),
        migrations.RunSQL(TEASERS, "DROP VIEW companies_shownteaser;"),
    ]
