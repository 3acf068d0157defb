from django.db import migrations

from incubator.common.walls import Access, history_wall, wall

OF_COMPANY = "company_id = ANY (camp_companies())"
STILL_SEEN = "firm_id = ANY (camp_firms()) AND company_id IN (SELECT id FROM companies_company)"

SAME_PARTIES = """
ALTER TABLE matching_introductionstep ADD CONSTRAINT matching_step_as_introduction
  FOREIGN KEY (introduction_id, company_id, firm_id) REFERENCES matching_introduction (id, company_id, firm_id);
ALTER TABLE matching_investment ADD CONSTRAINT matching_investment_as_introduction
  FOREIGN KEY (introduction_id, company_id, firm_id) REFERENCES matching_introduction (id, company_id, firm_id);
"""
NOT_SAME_PARTIES = """
ALTER TABLE matching_investment DROP CONSTRAINT matching_investment_as_introduction;
ALTER TABLE matching_introductionstep DROP CONSTRAINT matching_step_as_introduction;
"""

_STATES = """
ALTER POLICY camp_investor_select ON matching_introduction USING ({still_seen} AND state IN ({firm}));
ALTER POLICY camp_founder_update_answers ON matching_introduction USING (state IN ({live}))
  WITH CHECK (state IN ('consented', 'declined', 'withdrawn'));
"""
NEW_STATES = _STATES.format(
    still_seen=STILL_SEEN,
    firm="'consented', 'sent', 'met', 'continuing', 'term_sheet', 'passed', 'invested'",
    live="'asked', 'consented', 'sent', 'met', 'continuing', 'term_sheet'",
)
OLD_STATES = _STATES.format(
    still_seen=STILL_SEEN,
    firm="'consented', 'sent', 'met', 'passed', 'invested'",
    live="'asked', 'consented', 'sent', 'met'",
)


class Migration(migrations.Migration):
    dependencies = [("matching", "0030_pipeline"), ("companies", "0002_walls"), ("firms", "0002_walls")]
    operations = [
        migrations.RunSQL(SAME_PARTIES, NOT_SAME_PARTIES),
        migrations.RunSQL(
            f"{NEW_STATES} GRANT SELECT (meets_at, meets_where) ON matching_introduction TO camp_investor;",
            f"{OLD_STATES} REVOKE SELECT (meets_at, meets_where) ON matching_introduction FROM camp_investor;",
        ),
        wall(
            "matching_introductionstep",
            founder=Access(
                select=OF_COMPANY,
                insert=f"{OF_COMPANY} AND recorded_by_id = camp_user()"
                " AND state IN ('consented', 'declined', 'withdrawn')",
            ),
        ),
        wall(
            "matching_investment",
            founder=Access(select=f"{OF_COMPANY} AND taken_back_at IS NULL"),
            investor=Access(
                select=f"{STILL_SEEN} AND taken_back_at IS NULL",
                columns=(
                    "id",
                    "introduction_id",
                    "company_id",
                    "firm_id",
                    "invested_on",
                    "funding_round",
                    "amount_krw",
                    "recorded_at",
                    "taken_back_at",
                ),
            ),
        ),
        history_wall("matching_investmentevent"),
    ]
