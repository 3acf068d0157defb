from django.db import migrations

from incubator.common.walls import ANY, OWN_COMPANY, Access, wall

# Whoever has a paper may learn of it what stands on its face, and nothing else: the public role reads no table for it.
FACE = """
CREATE OR REPLACE FUNCTION camp_paper(wanted text) RETURNS TABLE (kind text, title text, language text, issuer text,
    facts jsonb, issued_at timestamptz, revoked_at timestamptz, pdf_sha256 text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ SELECT paper.kind::text, paper.title::text, paper.language::text, paper.content -> 'paper' ->> 'issuer',
      paper.content -> 'face', paper.issued_at, paper.revoked_at, paper.pdf_sha256::text
    FROM papers_paper AS paper WHERE paper.code = wanted $$;
REVOKE ALL ON FUNCTION camp_paper(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION camp_paper(text) TO camp_public, camp_founder, camp_investor, camp_adviser, camp_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("papers", "0001_initial"), ("companies", "0002_walls")]
    operations = [
        wall(
            "papers_paper",
            founder=Access(select=OWN_COMPANY),
            staff=Access(
                select=ANY,
                insert=ANY,
                update=ANY,
                update_columns=("revoked_at", "revoked_by_id", "revoke_reason"),
            ),
        ),
        migrations.RunSQL(FACE, "DROP FUNCTION IF EXISTS camp_paper(text)"),
    ]
