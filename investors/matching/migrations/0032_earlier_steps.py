from django.db import migrations

# What is known of the introductions that were there before their steps: when they were asked and when they came to where they
# stand, and between these what their history has.
STEPS = """
INSERT INTO matching_introductionstep
  (introduction_id, company_id, firm_id, state, happened_on, recorded_at, recorded_by_id)
SELECT i.id, i.company_id, i.firm_id, s.state, (s.at AT TIME ZONE 'Asia/Seoul')::date, s.at, s.by
FROM matching_introduction i
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (state) state, at, by FROM (
    SELECT 'asked' AS state, i.made_at AS at, i.made_by_id AS by, 1 AS rank
    UNION ALL SELECT i.state, i.changed_at, NULL::bigint, 2
    UNION ALL
    SELECT e.state, min(e.pgh_created_at), NULL::bigint, 3
    FROM matching_introductionevent e WHERE e.pgh_obj_id = i.id GROUP BY e.state
  ) AS known ORDER BY state, rank
) AS s;
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0031_pipeline_walls")]
    operations = [migrations.RunSQL(STEPS, migrations.RunSQL.noop)]
