"""Proves the ledger: replays every transfer and prices every job anew. Knows nothing of how they were written."""

# ruff: noqa: S608 (constants of this module alone are put together, never what anybody typed)
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

MAX_EXAMPLES = 5

_KST = "AT TIME ZONE 'Asia/Seoul'"
_SIDES = """
    SELECT debit_id AS account_id, -amount_gflop AS gflop, effective_at FROM compute_transfer
    UNION ALL SELECT credit_id, amount_gflop, effective_at FROM compute_transfer
"""
_POSTED = """
    SELECT usage_posting_id, sum(CASE kind WHEN 'usage' THEN amount_gflop ELSE -amount_gflop END) AS gflop
    FROM compute_transfer WHERE usage_posting_id IS NOT NULL GROUP BY usage_posting_id
"""
_ATTEMPT = "record.kind || '/' || record.job_id || '/' || extract(epoch FROM record.submit_at)::bigint || '/' || record.revision"
# What `proof` defines, in SQL: the check shares no code with the writing.
_BETWEEN = "chr(31)"
_RECORD_LINE = f"""concat_ws({_BETWEEN}, record.kind, record.job_id, extract(epoch FROM record.submit_at)::bigint,
    record.revision, record."user", record.state, coalesce(extract(epoch FROM record.started_at)::bigint::text, ''),
    extract(epoch FROM record.ended_at)::bigint, record.elapsed_seconds, record.held, record.charge_gflop) || chr(10)"""
_RATES_TEXT = """coalesce((SELECT string_agg(key || '=' || value, ',' ORDER BY key COLLATE "C")
    FROM jsonb_each_text(posting.rates)), '')"""
_POSTING_HEAD = f"""concat_ws({_BETWEEN}, cluster.name, posting.account, coalesce(company.business_number, ''),
    posting.start_day::text, posting.end_day::text, {_RATES_TEXT}) || chr(10)"""
_PAYLOAD = f"""concat_ws({_BETWEEN}, transfer.idempotency_key, transfer.kind, transfer.amount_gflop, debit.code, credit.code,
    transfer.reason, to_char(extract(epoch FROM transfer.effective_at), 'FM999999999999990.000000'),
    coalesce(posting.digest, ''))"""
_ENTRY = "concat_ws('|', entry.previous_hash, account.code, entry.seq, entry.gflop, entry.balance_gflop, transfer.payload_hash)"
_SHA = "encode(sha256(convert_to({}, 'UTF8')), 'hex')"


@dataclass(frozen=True)
class Invariant:
    """`broken` is SQL for what breaks it, one name a row."""

    name: str
    says: Any
    broken: str


INVARIANTS = (
    Invariant(
        "balances_replay",
        _("every balance is the sum of its account's transfers"),
        f"""SELECT account.code FROM compute_creditaccount AS account
        LEFT JOIN (SELECT account_id, sum(gflop) AS gflop FROM ({_SIDES}) AS side GROUP BY account_id) AS replay
          ON replay.account_id = account.id
        WHERE account.balance_gflop <> coalesce(replay.gflop, 0)""",
    ),
    Invariant(
        "sum_zero",
        _("all balances add up to zero"),
        """SELECT sum(balance_gflop)::text FROM compute_creditaccount HAVING sum(balance_gflop) <> 0""",
    ),
    Invariant(
        "no_overdraft",
        _("no account is below zero that may not be"),
        """SELECT code FROM compute_creditaccount
        WHERE (balance_gflop < 0 AND NOT may_overdraw) OR (may_overdraw AND kind NOT IN ('supply', 'debt', 'suspense'))""",
    ),
    Invariant(
        "transfers_sound",
        _("every transfer moves a whole amount between two accounts, with a reason"),
        r"""SELECT idempotency_key FROM compute_transfer WHERE amount_gflop <= 0 OR debit_id = credit_id OR reason !~ '\S'""",
    ),
    Invariant(
        "reversals_once",
        _("every reversal mirrors one transfer, and no transfer is reversed twice"),
        """SELECT reversal.idempotency_key FROM compute_transfer AS reversal
        LEFT JOIN compute_transfer AS original ON original.id = reversal.reverses_id
        WHERE reversal.kind = 'reversal' AND (original.id IS NULL OR original.kind = 'reversal'
          OR reversal.amount_gflop <> original.amount_gflop OR reversal.debit_id <> original.credit_id
          OR reversal.credit_id <> original.debit_id)
        UNION ALL SELECT reverses_id::text FROM compute_transfer WHERE reverses_id IS NOT NULL
        GROUP BY reverses_id HAVING count(*) > 1""",
    ),
    Invariant(
        "companies_right",
        _("every transfer is the company's whose accounts it moves"),
        """SELECT transfer.idempotency_key FROM compute_transfer AS transfer
        JOIN compute_creditaccount AS debit ON debit.id = transfer.debit_id
        JOIN compute_creditaccount AS credit ON credit.id = transfer.credit_id
        WHERE coalesce(debit.company_id, credit.company_id) IS DISTINCT FROM transfer.company_id
          OR debit.company_id <> credit.company_id""",
    ),
    Invariant(
        "grants_funded",
        _("every grant was given what it says, and what was taken back or moved is noted"),
        """SELECT account.code FROM compute_allocation AS lot
        JOIN compute_creditaccount AS account ON account.id = lot.account_id
        LEFT JOIN (SELECT credit_id, sum(amount_gflop) AS gflop FROM compute_transfer WHERE kind = 'grant' GROUP BY credit_id)
          AS given ON given.credit_id = lot.account_id
        LEFT JOIN (SELECT transfer.debit_id, sum(transfer.amount_gflop) AS gflop FROM compute_transfer AS transfer
          LEFT JOIN compute_transfer AS original ON original.id = transfer.reverses_id
          WHERE transfer.kind IN ('claw_back', 'expiry') OR original.kind = 'grant' GROUP BY transfer.debit_id)
          AS taken ON taken.debit_id = lot.account_id
        LEFT JOIN (SELECT account_id, sum(gflop) AS gflop FROM (
            SELECT credit_id AS account_id, amount_gflop AS gflop FROM compute_transfer WHERE kind = 'lot_move'
            UNION ALL SELECT debit_id, -amount_gflop FROM compute_transfer WHERE kind = 'lot_move') AS side
          GROUP BY account_id) AS moved ON moved.account_id = lot.account_id
        WHERE lot.amount_gflop <> coalesce(given.gflop, 0) OR lot.taken_back_gflop <> coalesce(taken.gflop, 0)
          OR lot.moved_gflop <> coalesce(moved.gflop, 0)""",
    ),
    Invariant(
        "chains_link",
        _("every account's chain has a link for each of its transfers, and every link holds"),
        f"""SELECT account.code || ' ' || coalesce(entry.seq::text, '-') FROM (
          SELECT *, lag(hash, 1, repeat('0', 64)) OVER course AS before,
            row_number() OVER course AS place, sum(gflop) OVER course AS replay
          FROM compute_ledgerentry WINDOW course AS (PARTITION BY account_id ORDER BY seq)) AS entry
        JOIN compute_creditaccount AS account ON account.id = entry.account_id
        JOIN compute_transfer AS transfer ON transfer.id = entry.transfer_id
        WHERE entry.seq <> entry.place OR entry.previous_hash <> entry.before OR entry.balance_gflop <> entry.replay
          OR entry.gflop <> CASE entry.account_id WHEN transfer.debit_id THEN -transfer.amount_gflop
            WHEN transfer.credit_id THEN transfer.amount_gflop END
          OR entry.hash <> {_SHA.format(_ENTRY)}
        UNION ALL
        SELECT account.code FROM compute_creditaccount AS account
        LEFT JOIN (SELECT DISTINCT ON (account_id) account_id, seq, hash, balance_gflop FROM compute_ledgerentry
          ORDER BY account_id, seq DESC) AS last ON last.account_id = account.id
        WHERE account.entries <> coalesce(last.seq, 0) OR account.head_hash <> coalesce(last.hash, repeat('0', 64))
          OR account.balance_gflop <> coalesce(last.balance_gflop, 0)
        UNION ALL
        SELECT transfer.idempotency_key FROM compute_transfer AS transfer
        LEFT JOIN compute_ledgerentry AS entry ON entry.transfer_id = transfer.id
        GROUP BY transfer.id, transfer.idempotency_key HAVING count(entry.id) <> 2""",
    ),
    Invariant(
        "payloads_hold",
        _("every transfer says what its hash was made of"),
        f"""SELECT transfer.idempotency_key FROM compute_transfer AS transfer
        JOIN compute_creditaccount AS debit ON debit.id = transfer.debit_id
        JOIN compute_creditaccount AS credit ON credit.id = transfer.credit_id
        LEFT JOIN compute_usageposting AS posting ON posting.id = transfer.usage_posting_id
        WHERE transfer.payload_hash <> {_SHA.format(_PAYLOAD)}""",
    ),
    Invariant(
        "holds_covered",
        _("what is held of a grant is the sum of its open holds"),
        """SELECT account.code FROM compute_creditaccount AS account
        LEFT JOIN (SELECT account_id, sum(amount_gflop) AS gflop FROM compute_credithold WHERE outcome = 'open'
          GROUP BY account_id) AS open ON open.account_id = account.id
        WHERE account.held_gflop <> coalesce(open.gflop, 0)""",
    ),
    Invariant(
        "records_current",
        _("every job's latest revision is its current one"),
        f"""SELECT {_ATTEMPT} FROM (
          SELECT *, row_number() OVER (PARTITION BY cluster_id, kind, job_id, submit_at ORDER BY revision DESC) AS place
          FROM compute_usagerecord) AS record
        WHERE record.is_current <> (record.place = 1)""",
    ),
    Invariant(
        "postings_hold",
        _("every posting is sealed, and its records are those that its hash was made of"),
        f"""SELECT posting.account || ' ' || posting.start_day FROM compute_usageposting AS posting
        JOIN compute_cluster AS cluster ON cluster.id = posting.cluster_id
        LEFT JOIN companies_company AS company ON company.id = posting.company_id
        LEFT JOIN (SELECT record.posting_id, count(*) AS records, sum(record.charge_gflop) AS gflop,
            string_agg({_RECORD_LINE}, '' ORDER BY record.id) AS said
          FROM compute_usagerecord AS record GROUP BY record.posting_id) AS found ON found.posting_id = posting.id
        WHERE NOT posting.sealed OR posting.records_count IS DISTINCT FROM found.records
          OR posting.charge_gflop IS DISTINCT FROM found.gflop
          OR posting.digest IS DISTINCT FROM {_SHA.format(f"{_POSTING_HEAD} || found.said")}""",
    ),
    Invariant(
        "records_charged",
        _("what every posting's transfers say is the charge of its current records"),
        f"""SELECT posting.account || ' ' || posting.start_day FROM compute_usageposting AS posting
        LEFT JOIN ({_POSTED}) AS posted ON posted.usage_posting_id = posting.id
        LEFT JOIN (SELECT posting_id, sum(charge_gflop) AS gflop FROM compute_usagerecord WHERE is_current
          GROUP BY posting_id) AS current ON current.posting_id = posting.id
        WHERE coalesce(posted.gflop, 0) <> coalesce(current.gflop, 0)""",
    ),
    Invariant(
        "charges_recomputed",
        _("every charge is units times rate times seconds"),
        f"""SELECT {_ATTEMPT} FROM compute_usagerecord AS record
        LEFT JOIN (
          SELECT priced.held, priced.day,
            sum(split_part(part, '=', -1)::numeric * rate.gflops) AS gflops
          FROM (SELECT DISTINCT held, (coalesce(started_at, submit_at) {_KST})::date AS day FROM compute_usagerecord) AS priced,
            string_to_table(priced.held, ',') AS part
          JOIN compute_resource AS resource ON resource.code = left(part, -1 - length(split_part(part, '=', -1)))
            AND resource.code <> 'billing'
          JOIN compute_resourcerate AS rate ON rate.resource_id = resource.id
          WHERE rate.period @> priced.day
          GROUP BY priced.held, priced.day
        ) AS price ON price.held = record.held AND price.day = (coalesce(record.started_at, record.submit_at) {_KST})::date
        WHERE record.charge_gflop <> coalesce(price.gflops, 0) * record.elapsed_seconds""",
    ),
    Invariant(
        "tallies_hold",
        _("usage by person and day is the sum of the current records"),
        """SELECT account || ' ' || "user" || ' ' || day FROM (
          SELECT company_id, cluster_id, account, "user", day, state, sum(jobs)::bigint, sum(seconds)::bigint,
            sum(gflop)::bigint
          FROM compute_usagetally GROUP BY 1, 2, 3, 4, 5, 6
          HAVING sum(jobs) <> 0 OR sum(seconds) <> 0 OR sum(gflop) <> 0
          EXCEPT
          SELECT record.company_id, record.cluster_id, record.account, record."user", posting.end_day, record.state,
            count(*), sum(record.elapsed_seconds)::bigint, sum(record.charge_gflop)::bigint
          FROM compute_usagerecord AS record JOIN compute_usageposting AS posting ON posting.id = record.posting_id
          WHERE record.is_current GROUP BY 1, 2, 3, 4, 5, 6) AS odd
        UNION ALL
        SELECT 'sum'
        FROM (SELECT coalesce(sum(jobs), 0) AS jobs, coalesce(sum(gflop), 0) AS gflop FROM compute_usagetally) AS tally,
          (SELECT count(*) AS jobs, coalesce(sum(charge_gflop), 0) AS gflop FROM compute_usagerecord
            WHERE is_current) AS record
        WHERE tally.jobs <> record.jobs OR tally.gflop <> record.gflop""",
    ),
    Invariant(
        "suspense_waits",
        _("suspense holds the usage of unknown accounts and nothing else"),
        """SELECT suspense.gflop || ' <> ' || waiting.gflop
        FROM (SELECT coalesce(-sum(balance_gflop), 0) AS gflop FROM compute_creditaccount WHERE kind = 'suspense') AS suspense,
          (SELECT coalesce(sum(charge_gflop), 0) AS gflop FROM compute_usagerecord
            WHERE is_current AND company_id IS NULL) AS waiting
        WHERE suspense.gflop <> waiting.gflop""",
    ),
    Invariant(
        "usage_days",
        _("usage by day is the sum of the transfers of the day"),
        f"""SELECT coalesce(kept.account_id, replay.account_id) || ' ' || coalesce(kept.day, replay.day)
        FROM (SELECT account_id, day, gflop FROM compute_usageday) AS kept
        FULL JOIN (SELECT side.account_id, (side.effective_at {_KST})::date AS day, sum(side.gflop) AS gflop
          FROM ({_SIDES}) AS side JOIN compute_creditaccount AS account ON account.id = side.account_id AND account.kind = 'usage'
          GROUP BY 1, 2) AS replay ON replay.account_id = kept.account_id AND replay.day = kept.day
        WHERE coalesce(kept.gflop, 0) <> coalesce(replay.gflop, 0)""",
    ),
    Invariant(
        "holds_open",
        _("no job is held that has ended"),
        """SELECT hold.job_id::text FROM compute_jobhold AS hold
        JOIN compute_usagerecord AS record ON record.cluster_id = hold.cluster_id AND record.kind = hold.kind
          AND record.job_id = hold.job_id
          AND record.submit_at = hold.submit_at AND record.is_current
        WHERE hold.resolved_at IS NULL""",
    ),
)

_CHARGED = f"""
    SELECT posting.account, sum(posted.gflop)::bigint FROM ({_POSTED}) AS posted
    JOIN compute_usageposting AS posting ON posting.id = posted.usage_posting_id
    WHERE posting.company_id IS NOT NULL GROUP BY posting.account HAVING sum(posted.gflop) <> 0
    ORDER BY posting.account COLLATE "C"
"""
_SUSPENSE = (
    "SELECT coalesce(-sum(balance_gflop), 0)::bigint FROM compute_creditaccount WHERE kind = 'suspense'"
)
_HELD = "SELECT count(*) FROM compute_jobhold WHERE resolved_at IS NULL AND phase = 'running'"

# Business keys only: no serial number and no time of writing, so that two ledgers of the same history are the same text.
_EXPORTS = (
    (
        "account",
        """SELECT code, kind, balance_gflop, entries, head_hash FROM compute_creditaccount ORDER BY code COLLATE "C" """,
    ),
    (
        "transfer",
        """SELECT transfer.idempotency_key, transfer.kind, debit.code, credit.code, transfer.amount_gflop,
          extract(epoch FROM transfer.effective_at)::numeric(20, 6)::text, transfer.payload_hash
        FROM compute_transfer AS transfer
        JOIN compute_creditaccount AS debit ON debit.id = transfer.debit_id
        JOIN compute_creditaccount AS credit ON credit.id = transfer.credit_id
        ORDER BY transfer.idempotency_key COLLATE "C" """,
    ),
    (
        "record",
        """SELECT cluster.name, record.kind, record.job_id, extract(epoch FROM record.submit_at)::bigint, record.revision,
          record.is_current, record.account, record."user", record.state, extract(epoch FROM record.ended_at)::bigint,
          record.elapsed_seconds, record.held, record.charge_gflop, posting.digest
        FROM compute_usagerecord AS record JOIN compute_cluster AS cluster ON cluster.id = record.cluster_id
        JOIN compute_usageposting AS posting ON posting.id = record.posting_id
        ORDER BY cluster.name COLLATE "C", record.kind, record.job_id, record.submit_at, record.revision""",
    ),
    (
        "hold",
        """SELECT cluster.name, hold.job_id, extract(epoch FROM hold.submit_at)::bigint, hold.account, hold.phase,
          hold.amount_gflop, hold.resolved_at IS NOT NULL
        FROM compute_jobhold AS hold JOIN compute_cluster AS cluster ON cluster.id = hold.cluster_id
        ORDER BY cluster.name COLLATE "C", hold.job_id, hold.submit_at""",
    ),
)


@dataclass(frozen=True)
class Check:
    """The outcome. `broken` has, for each invariant that does not hold, how many things break it and the first of them.

    `charged` is GFLOP by cluster account of known companies, `suspense` that of all others, both out of transfers.
    """

    broken: dict[str, tuple[int, list[str]]]
    charged: dict[str, int]
    suspense: int
    held_jobs: int

    @property
    def ok(self) -> bool:
        return not self.broken

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "invariants": {invariant.name: invariant.name not in self.broken for invariant in INVARIANTS},
            "broken": {
                name: {"count": count, "examples": some} for name, (count, some) in self.broken.items()
            },
            "charged": self.charged,
            "suspense": self.suspense,
            "held_jobs": self.held_jobs,
        }


def check_ledger() -> Check:
    """Every invariant and the ledger's totals. Needs a role that sees every row."""
    broken = {}
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(
                f"SELECT count(*), (array_agg(what))[1:{MAX_EXAMPLES}] FROM ({invariant.broken}) AS broken(what)"
            )
            count, examples = cursor.fetchone()
            if count:
                broken[invariant.name] = (count, examples)
        cursor.execute(_CHARGED)
        charged = dict(cursor.fetchall())
        cursor.execute(_SUSPENSE)
        suspense = cursor.fetchone()[0]
        cursor.execute(_HELD)
        return Check(broken, charged, suspense, cursor.fetchone()[0])


def export_ledger() -> Iterator[list[Any]]:
    """The whole ledger in rows of a canonical order, each led by its kind: account, transfer, record, hold."""
    for kind, sql in _EXPORTS:
        with connection.connection.cursor(f"camp_export_{kind}") as cursor:
            cursor.execute(sql)
            for row in cursor:
                yield [kind, *row]
