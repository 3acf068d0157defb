import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# As an expression of its own language the link is forged without a query for each.
LINK = """
CREATE OR REPLACE FUNCTION camp_link(before text, head text, said text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  AS $$ BEGIN RETURN encode(sha256(convert_to(coalesce(before, head) || '|' || said, 'UTF8')), 'hex'); END $$;
"""
WAS = """
CREATE OR REPLACE FUNCTION camp_link(before text, head text, said text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT encode(sha256(convert_to(coalesce(before, head) || '|' || said, 'UTF8')), 'hex') $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('compute', '0051_lean_indexes'),
    ]

    operations = [
        migrations.RunSQL(LINK, WAS),
        pgtrigger.migrations.RemoveTrigger(
            model_name='transfer',
            name='move_balances',
        ),
        migrations.AlterField(
            model_name='transfer',
            name='usage_posting',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='compute.usageposting', verbose_name='posted usage'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='transfer',
            trigger=pgtrigger.compiler.Trigger(name='move_balances', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    PERFORM 1 FROM compute_creditaccount\n    WHERE id IN (SELECT debit_id FROM posted UNION SELECT credit_id FROM posted) ORDER BY id FOR NO KEY UPDATE;\n    IF EXISTS (\n        SELECT 1 FROM posted\n        LEFT JOIN compute_creditaccount AS debit ON debit.id = posted.debit_id\n        LEFT JOIN compute_creditaccount AS credit ON credit.id = posted.credit_id\n        LEFT JOIN compute_usageposting AS posting ON posting.id = posted.usage_posting_id\n        WHERE posted.usage_posting_id <> coalesce(posting.id, 0)\n            OR debit.id IS NULL OR credit.id IS NULL OR debit.company_id <> credit.company_id\n            OR posted.company_id IS DISTINCT FROM coalesce(debit.company_id, credit.company_id)\n    ) THEN\n        RAISE EXCEPTION 'a transfer moves between accounts of the company that it names, for usage that was posted'\n        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'compute_transfer_belongs';\n    END IF;\n    WITH side AS (\n        SELECT debit_id AS account_id, id, -amount_gflop AS gflop, payload_hash FROM posted\n        UNION ALL SELECT credit_id, id, amount_gflop, payload_hash FROM posted\n    ), placed AS (\n        SELECT side.*, account.code, account.company_id, account.head_hash,\n            account.entries + row_number() OVER course AS seq,\n            (account.balance_gflop + sum(side.gflop) OVER course)::bigint AS balance_gflop\n        FROM side JOIN compute_creditaccount AS account ON account.id = side.account_id\n        WINDOW course AS (PARTITION BY side.account_id ORDER BY side.id ROWS UNBOUNDED PRECEDING)\n    ), linked AS (\n        SELECT placed.*, camp_chain(head_hash, concat_ws('|', code, seq, gflop, balance_gflop, payload_hash))\n            OVER (PARTITION BY account_id ORDER BY seq ROWS UNBOUNDED PRECEDING) AS hash\n        FROM placed\n    ), written AS (\n        INSERT INTO compute_ledgerentry\n            (account_id, company_id, seq, transfer_id, gflop, balance_gflop, previous_hash, hash)\n        SELECT account_id, company_id, seq, id, gflop, balance_gflop,\n            lag(hash, 1, head_hash) OVER (PARTITION BY account_id ORDER BY seq), hash\n        FROM linked RETURNING account_id, seq, balance_gflop, hash\n    )\n    UPDATE compute_creditaccount AS account\n    SET balance_gflop = last.balance_gflop, entries = last.seq, head_hash = last.hash\n    FROM (SELECT DISTINCT ON (account_id) * FROM written ORDER BY account_id, seq DESC) AS last\n    WHERE account.id = last.account_id;\n    IF EXISTS (\n        SELECT 1 FROM posted JOIN compute_creditaccount AS account ON account.id = posted.debit_id\n        WHERE posted.kind NOT IN ('usage', 'correction') AND account.balance_gflop < account.held_gflop\n            AND account.held_gflop > 0\n    ) THEN\n        RAISE EXCEPTION 'credits that are held cannot be moved'\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'compute_account_keeps_held';\n    END IF;\n    INSERT INTO compute_usageday (account_id, company_id, day, gflop)\n    SELECT account.id, account.company_id, side.day, sum(side.gflop) FROM (\n        SELECT debit_id AS account_id, -amount_gflop AS gflop, (effective_at AT TIME ZONE 'Asia/Seoul')::date AS day FROM posted\n        UNION ALL SELECT credit_id, amount_gflop, (effective_at AT TIME ZONE 'Asia/Seoul')::date FROM posted\n    ) AS side\n    JOIN compute_creditaccount AS account ON account.id = side.account_id AND account.kind = 'usage'\n    GROUP BY account.id, account.company_id, side.day\n    ON CONFLICT (account_id, day) DO UPDATE SET gflop = compute_usageday.gflop + EXCLUDED.gflop;\n    RETURN NULL;\n", hash='20a94e11a48607986a9d8ece00b01cd876cf71e0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_move_balances_a6186', referencing='REFERENCING NEW TABLE AS posted ', table='compute_transfer', when='AFTER')),
        ),
    ]
