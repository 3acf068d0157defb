import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


# Before tallies were rows that are added, there was one for each person, day and state: on the way back they are added up.
MERGE = """
CREATE TEMPORARY TABLE merged ON COMMIT DROP AS
  SELECT company_id, cluster_id, account, "user", day, state, sum(jobs)::bigint AS jobs, sum(seconds)::bigint AS seconds,
    sum(gpu_seconds)::bigint AS gpu_seconds, sum(gflop)::bigint AS gflop
  FROM compute_usagetally GROUP BY 1, 2, 3, 4, 5, 6;
DELETE FROM compute_usagetally;
INSERT INTO compute_usagetally (company_id, cluster_id, account, "user", day, state, jobs, seconds, gpu_seconds, gflop)
  SELECT * FROM merged;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0031_alumni_wall'),
        ('compute', '0040_tally_belongs'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='usagetally',
            name='tally_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='usagetally',
            name='tally_stays_whose',
        ),
        migrations.RemoveConstraint(
            model_name='usagetally',
            name='compute_tally_once',
        ),
        migrations.RunSQL(migrations.RunSQL.noop, MERGE),
        pgtrigger.migrations.AddTrigger(
            model_name='usagetally',
            trigger=pgtrigger.compiler.Trigger(name='tally_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='109ef892ebba6f0ffe5c9d5f4d15540580a7b60b', operation='UPDATE OR DELETE', pgid='pgtrigger_tally_append_only_659d4', table='compute_usagetally', when='BEFORE')),
        ),
    ]
