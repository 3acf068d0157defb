from django.db import migrations

from incubator.common.walls import Access, history_wall, opening, wall

OF_COMPANY = "company_id = ANY (camp_companies())"
# Only firms that the company has met through a match or an introduction.
KNOWN = (
    "(firm_id IN (SELECT firm_id FROM matching_match) OR firm_id IN (SELECT firm_id FROM matching_introduction)"
    " OR firm_id IN (SELECT firm_id FROM matching_preference))"
)
DECLARED = f"{OF_COMPANY} AND side = 'company'"
FIRM_SHOWN = ("id", "name", "slug", "kind")
# The office decides of whatever does not rest on the company's own word; what it decided stays decided.
OWN_WORD_ONLY = """
CREATE POLICY camp_founder_insert_own_word ON matching_conflict AS RESTRICTIVE FOR INSERT TO camp_founder
  WITH CHECK (decided_by_id IS NULL AND declared_by_id = camp_user()
    AND (state = 'proposed' OR (state = 'confirmed' AND kind IN ('family', 'past_employer', 'declined'))));
"""
NOT_OWN_WORD_ONLY = "DROP POLICY IF EXISTS camp_founder_insert_own_word ON matching_conflict;"


class Migration(migrations.Migration):
    dependencies = [("matching", "0020_runs")]
    operations = [
        wall(
            "matching_conflict",
            founder=Access(
                select=DECLARED,
                insert=f"{DECLARED} AND {KNOWN}",
                update=DECLARED,
                update_columns=("until", "evidence", "updated_at"),
            ),
        ),
        history_wall("matching_conflictevent", writers=["founder"]),
        wall(
            "matching_preference",
            founder=Access(
                select=DECLARED,
                insert=f"{DECLARED} AND said_by_id = camp_user() AND"
                " (firm_id IN (SELECT firm_id FROM matching_match)"
                " OR firm_id IN (SELECT firm_id FROM matching_introduction))",
                update=f"{DECLARED} AND said_by_id IS NOT NULL",
                update_columns=("level", "rank", "reason", "said_by_id", "updated_at"),
            ),
        ),
        history_wall("matching_preferenceevent", writers=["founder"]),
        wall(
            "matching_participation",
            founder=Access(
                select=OF_COMPANY,
                insert=f"{OF_COMPANY} AND said_by_id = camp_user()",
                update=OF_COMPANY,
                update_columns=("takes_part", "said_by_id", "updated_at"),
            ),
        ),
        history_wall("matching_participationevent", writers=["founder"]),
        migrations.RunSQL(OWN_WORD_ONLY, NOT_OWN_WORD_ONLY),
        opening(
            "firms_firm",
            "founder",
            "spoken_of",
            Access(
                select="id IN (SELECT firm_id FROM matching_conflict)"
                " OR id IN (SELECT firm_id FROM matching_preference)",
                columns=FIRM_SHOWN,
            ),
        ),
    ]
