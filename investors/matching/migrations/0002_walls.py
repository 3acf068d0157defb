from django.db import migrations

from incubator.common.walls import Access, history_wall, opening, wall

OF_COMPANY = "company_id = ANY (camp_companies())"
OF_FIRM = "firm_id = ANY (camp_firms())"
# A company that no longer wants to be seen leaves the firms' pages at once: the sub-query runs under the investor's wall.
STILL_SEEN = f"{OF_FIRM} AND company_id IN (SELECT id FROM companies_company)"
# The reasons of a pair stay readable as long as its introduction is, when a newer run has taken the place of its own.
SHOWN = "(published OR id IN (SELECT match_id FROM matching_introduction))"
FIRM_SHOWN = ("id", "name", "slug", "kind")
MATCH_SHOWN = ("id", "run_id", "company_id", "firm_id", "score", "components", "missing", "published")
INTRODUCTION_SHOWN = (
    "id",
    "match_id",
    "company_id",
    "firm_id",
    "state",
    "items",
    "until",
    "made_at",
    "answered_at",
    "created_at",
    "updated_at",
)
DISCLOSURE_SHOWN = (
    "id",
    "introduction_id",
    "company_id",
    "firm_id",
    "items",
    "granted_at",
    "since",
    "until",
    "withdrawn_at",
)

# An introduction is of its match's pair, and a consent of its introduction's, whoever writes them.
SAME_PAIR = """
ALTER TABLE matching_introduction ADD CONSTRAINT matching_introduction_as_match
  FOREIGN KEY (match_id, company_id, firm_id) REFERENCES matching_match (id, company_id, firm_id);
ALTER TABLE matching_disclosuregrant ADD CONSTRAINT matching_disclosure_as_introduction
  FOREIGN KEY (introduction_id, company_id, firm_id) REFERENCES matching_introduction (id, company_id, firm_id);
"""
NO_SAME_PAIR = """
ALTER TABLE matching_disclosuregrant DROP CONSTRAINT matching_disclosure_as_introduction;
ALTER TABLE matching_introduction DROP CONSTRAINT matching_introduction_as_match;
"""

# A founder answers and withdraws, and can do nothing else to an introduction or a consent.
ANSWERS_ONLY = """
CREATE POLICY camp_founder_update_answers ON matching_introduction AS RESTRICTIVE FOR UPDATE TO camp_founder
  USING (state IN ('asked', 'consented', 'sent', 'met')) WITH CHECK (state IN ('consented', 'declined', 'withdrawn'));
CREATE POLICY camp_founder_update_withdrawals ON matching_disclosuregrant AS RESTRICTIVE FOR UPDATE TO camp_founder
  USING (withdrawn_at IS NULL) WITH CHECK (withdrawn_at IS NOT NULL);
"""
NOT_ANSWERS_ONLY = """
DROP POLICY IF EXISTS camp_founder_update_withdrawals ON matching_disclosuregrant;
DROP POLICY IF EXISTS camp_founder_update_answers ON matching_introduction;
"""

# What a company has opened to the firm that asks, and nothing else of its refused columns. The days are the camp's.
DISCLOSED = """
CREATE OR REPLACE FUNCTION camp_disclosed(company bigint)
  RETURNS TABLE (items text[], until date, contact text, email text, revenue_krw bigint, business_number text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT g.items::text[], g.until,
    CASE WHEN 'contact' = ANY (g.items) THEN c.representative::text END,
    CASE WHEN 'contact' = ANY (g.items) THEN c.email::text END,
    CASE WHEN 'revenue' = ANY (g.items) THEN c.revenue_krw END,
    CASE WHEN 'business_number' = ANY (g.items) THEN c.business_number::text END
  FROM matching_disclosuregrant g JOIN companies_company c ON c.id = g.company_id
  WHERE g.company_id = $1 AND g.firm_id = ANY (camp_firms()) AND g.withdrawn_at IS NULL AND c.visible_to_investors
    AND (now() AT TIME ZONE 'Asia/Seoul')::date BETWEEN g.since AND g.until
$$;
REVOKE ALL ON FUNCTION camp_disclosed(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION camp_disclosed(bigint) TO camp_investor;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0001_initial"),
        ("companies", "0002_walls"),
        ("firms", "0002_walls"),
    ]
    operations = [
        migrations.RunSQL(SAME_PAIR, NO_SAME_PAIR),
        wall("matching_matchrun"),
        history_wall("matching_matchrunevent"),
        wall(
            "matching_match",
            founder=Access(select=f"{OF_COMPANY} AND {SHOWN}"),
            investor=Access(select=f"{STILL_SEEN} AND {SHOWN}", columns=MATCH_SHOWN),
        ),
        history_wall("matching_matchevent"),
        wall(
            "matching_introduction",
            founder=Access(
                select=OF_COMPANY, update=OF_COMPANY, update_columns=("state", "answered_at", "note", "updated_at")
            ),
            investor=Access(
                select=f"{STILL_SEEN} AND state IN ('consented', 'sent', 'met', 'passed', 'invested')",
                columns=INTRODUCTION_SHOWN,
            ),
        ),
        history_wall("matching_introductionevent", writers=["founder"]),
        wall(
            "matching_disclosuregrant",
            founder=Access(
                select=OF_COMPANY,
                insert=f"{OF_COMPANY} AND granted_by_id = camp_user()"
                " AND introduction_id IN (SELECT id FROM matching_introduction WHERE state IN ('asked', 'consented'))",
                update=OF_COMPANY,
                update_columns=("withdrawn_at",),
            ),
            investor=Access(
                select=f"{STILL_SEEN} AND withdrawn_at IS NULL"
                " AND (now() AT TIME ZONE 'Asia/Seoul')::date BETWEEN since AND until",
                columns=DISCLOSURE_SHOWN,
            ),
        ),
        history_wall("matching_disclosuregrantevent", writers=["founder"]),
        migrations.RunSQL(ANSWERS_ONLY, NOT_ANSWERS_ONLY),
        migrations.RunSQL(DISCLOSED, "DROP FUNCTION camp_disclosed(bigint);"),
        opening(
            "firms_firm",
            "founder",
            "matched",
            Access(
                select="id IN (SELECT firm_id FROM matching_match) OR id IN (SELECT firm_id FROM matching_introduction)",
                columns=FIRM_SHOWN,
            ),
        ),
    ]
