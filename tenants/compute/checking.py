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
    SELECT usage_record_id, sum(CASE kind WHEN 'usage' THEN amount_gflop WHEN 'reversal' THEN -amount_gflop END) AS gflop
    FROM compute_transfer WHERE usage_record_id IS NOT NULL GROUP BY usage_record_id
"""
_ATTEMPT = "record.job_id || '/' || extract(epoch FROM record.submit_at)::bigint || '/' || record.revision"


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
        "records_current",
        _("every job's latest revision is its current one"),
        f"""SELECT {_ATTEMPT} FROM (
          SELECT *, row_number() OVER (PARTITION BY cluster_id, job_id, submit_at ORDER BY revision DESC) AS place
          FROM compute_usagerecord) AS record
        WHERE record.is_current <> (record.place = 1)""",
    ),
    Invariant(
        "records_charged",
        _("every job's charge is what its transfers say"),
        f"""SELECT {_ATTEMPT} FROM compute_usagerecord AS record
        LEFT JOIN ({_POSTED}) AS posted ON posted.usage_record_id = record.id
        WHERE coalesce(posted.gflop, 0) <> CASE WHEN record.is_current THEN record.charge_gflop ELSE 0 END""",
    ),
    Invariant(
        "charges_recomputed",
        _("every charge is units times rate times seconds"),
        f"""SELECT {_ATTEMPT} FROM compute_usagerecord AS record
        WHERE record.is_current AND record.charge_gflop <> coalesce((
          SELECT sum(held.value::text::numeric * rate.gflops * record.elapsed_seconds)
          FROM jsonb_each(record.units) AS held
          JOIN compute_resource AS resource ON resource.code = held.key AND held.key <> 'billing'
          JOIN compute_resourcerate AS rate ON rate.resource_id = resource.id
            AND rate.period @> (coalesce(record.started_at, record.submit_at) {_KST})::date), 0)""",
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
        JOIN compute_usagerecord AS record ON record.cluster_id = hold.cluster_id AND record.job_id = hold.job_id
          AND record.submit_at = hold.submit_at AND record.is_current
        WHERE hold.resolved_at IS NULL""",
    ),
)

_CHARGED = f"""
    SELECT record.account, sum(posted.gflop)::bigint FROM ({_POSTED}) AS posted
    JOIN compute_usagerecord AS record ON record.id = posted.usage_record_id
    WHERE record.company_id IS NOT NULL GROUP BY record.account HAVING sum(posted.gflop) <> 0
    ORDER BY record.account COLLATE "C"
"""
_SUSPENSE = (
    "SELECT coalesce(-sum(balance_gflop), 0)::bigint FROM compute_creditaccount WHERE kind = 'suspense'"
)
_HELD = "SELECT count(*) FROM compute_jobhold WHERE resolved_at IS NULL AND phase = 'running'"

# Business keys only: no serial number and no time of writing, so that two ledgers of the same history are the same text.
_EXPORTS = (
    (
        "account",
        """SELECT code, kind, balance_gflop FROM compute_creditaccount ORDER BY code COLLATE "C" """,
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
        """SELECT cluster.name, record.job_id, extract(epoch FROM record.submit_at)::bigint, record.revision,
          record.is_current, record.account, record."user", record.state, extract(epoch FROM record.ended_at)::bigint,
          record.elapsed_seconds, record.units::text, record.charge_gflop
        FROM compute_usagerecord AS record JOIN compute_cluster AS cluster ON cluster.id = record.cluster_id
        ORDER BY cluster.name COLLATE "C", record.job_id, record.submit_at, record.revision""",
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
