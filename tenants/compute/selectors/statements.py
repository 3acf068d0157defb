"""The monthly statement: what a company's accounts held before, what was booked in the month, and what they hold then.

A statement is of what was *booked* in a month of Seoul's calendar: the transfers recorded from its first midnight until
the next month's. Grants count so on the day on which they were made; usage counts when it was read in, and each charge
tells the moment at which its job ended beside it. So a statement of a month that is over never changes: usage that comes
in late is charged in the month in which it came, never in one that was closed before. What the jobs that *ended* in the
month used is told beside it: that is the figure of the pages of usage.

Transfers are numbered in the order of their booking, and so they stand in each account's chain: the part of a chain that
a month holds has no gap.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Case, DateField, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncMonth
from django.utils import timezone

from tenants.companies.models import Company
from tenants.compute import proof, selectors, statement_proof
from tenants.compute.enums import AccountKind, TransferKind
from tenants.compute.models import CreditAccount, LedgerEntry, Transfer, UsagePosting, UsageRecord

from . import _of_company as of_company

KINDS = (AccountKind.LOT, AccountKind.DEBT, AccountKind.USAGE)
OF_JOBS = (TransferKind.USAGE, TransferKind.CORRECTION)


def charged_records_for(user: Any) -> QuerySet[UsageRecord]:
    """Every revision that was ever charged, with its posting: a statement is not made anew when a row is corrected."""
    return of_company(UsageRecord.objects.select_related("posting", "cluster"), user)


_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Month:
    """A calendar month in Seoul, half-open in moments."""

    first: date

    @classmethod
    def named(cls, text: str) -> "Month | None":
        """Of `YYYY-MM`; None for anything else."""
        parsed = _MONTH.fullmatch(text)
        return cls(date(int(parsed[1]), int(parsed[2]), 1)) if parsed else None

    @property
    def end(self) -> date:
        return (self.first + timedelta(days=32)).replace(day=1)

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def begins(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def ends(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.end, time.min))

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class MonthLine:
    """A month in the list of statements. `closing` is what lots held at its end, debts taken off."""

    month: Month
    granted: int
    used: int
    closing: int


def months_of(user: Any, today: date) -> list[MonthLine]:
    """Every month from the first booking until today's, the latest first, in two queries."""
    opened = dict(
        selectors.transfers_for(user)
        .order_by()
        .values_list(TruncMonth("recorded_at", tzinfo=timezone.get_default_timezone()))
        .annotate(Min("pk"))
    )
    starts: dict[date, int] = {}
    for moment in sorted(opened, reverse=True):
        starts[moment.date()] = min(opened[moment], *starts.values()) if starts else opened[moment]
    if not starts:
        return []
    booked = [When(transfer_id__gte=start, then=Value(month)) for month, start in starts.items()]
    rows = (
        selectors.ledger_entries_for(user)
        .filter(account__kind__in=[AccountKind.LOT, AccountKind.DEBT])
        .order_by()
        .values("transfer__kind")
        .annotate(month=Case(*booked, output_field=DateField()))
        .annotate(gflop=Sum("gflop"))
    )
    used: dict[date, int] = defaultdict(int)
    other: dict[date, int] = defaultdict(int)
    for row in rows:
        into = used if row["transfer__kind"] in OF_JOBS else other
        into[row["month"]] += int(row["gflop"])
    lines, balance, month = [], 0, Month(min({*used, *other} or starts))
    while month.first <= today:
        balance += used[month.first] + other[month.first]
        lines.append(MonthLine(month, other[month.first], -used[month.first], balance))
        month = Month(month.end)
    return lines[::-1]


@dataclass(frozen=True)
class Part:
    """One account in a statement. `into` and `out` are what came and went in the month, both above zero."""

    account: CreditAccount
    opening: int
    into: int
    out: int

    @property
    def closing(self) -> int:
        return self.opening + self.into - self.out


@dataclass(frozen=True)
class Movement:
    """What was booked beside charges. `gflop` is below zero where it left the company's grants."""

    transfer: Transfer
    gflop: int


@dataclass(frozen=True)
class Correction:
    """What was given back of a posting of usage."""

    posting_id: int
    account: str
    day: date
    gflop: int
    file_sha256: str


@dataclass(frozen=True)
class Statement:
    """`totals` are those of `statement_proof.totals_of`; `ended_in_month` is what jobs used that ended in the month."""

    month: Month
    complete: bool
    parts: Sequence[Part]
    movements: Sequence[Movement]
    corrections: Sequence[Correction]
    totals: Mapping[str, int]
    jobs: int
    ended_in_month: int
    bounds: tuple[int, int]

    @property
    def company(self) -> Company:
        company = self.parts[0].account.company
        assert company is not None  # every account of KINDS that a founder sees is the company's
        return company

    @property
    def opening(self) -> int:
        return self.totals["opening_gflop"] - self.totals["beyond_opening_gflop"]

    @property
    def closing(self) -> int:
        return self.totals["closing_gflop"] - self.totals["beyond_closing_gflop"]

    @property
    def charged(self) -> int:
        return self.totals["used_gflop"] - self.totals["corrected_gflop"]


def bounds_of(user: Any, month: Month) -> tuple[int, int] | None:
    """The number of the last transfer before the month and of the last in it; None before the first of all.

    The first transfer that is recorded in a month, or after it, ends all months before for ever: what is booked later is
    of the later month, whatever moment it was recorded with (a long import is recorded with that of its beginning).
    """
    found = selectors.transfers_for(user).aggregate(
        first=Min("pk"),
        last=Max("pk"),
        opens=Min("pk", filter=Q(recorded_at__gte=month.begins)),
        closes=Min("pk", filter=Q(recorded_at__gte=month.ends)),
    )
    if found["first"] is None:
        return None
    beyond = found["last"] + 1
    before, until = (found["opens"] or beyond) - 1, (found["closes"] or beyond) - 1
    return (before, until) if until >= found["first"] else None


def statement_of(user: Any, month: Month, now: datetime) -> Statement | None:
    """The company's that the person acts for, in six queries; None for a month before the first booking, or to come."""
    bounds = bounds_of(user, month) if month.begins <= now else None
    if bounds is None:
        return None
    accounts = {account.pk: account for account in _accounts(user)}
    parts, totals = _parts(user, accounts, bounds)
    movements, corrections = _moved(user, accounts, bounds, totals)
    used = selectors.usage_days_for(user).filter(day__gte=month.first, day__lt=month.end)
    return Statement(
        month=month,
        complete=now >= month.ends,
        parts=parts,
        movements=movements,
        corrections=corrections,
        totals=totals,
        jobs=_charged(user, bounds).aggregate(jobs=Sum("records_count", default=0))["jobs"],
        ended_in_month=int(used.aggregate(gflop=Sum("gflop", default=0))["gflop"]),
        bounds=bounds,
    )


def _accounts(user: Any) -> QuerySet[CreditAccount]:
    found = selectors.accounts_for(user).filter(kind__in=KINDS)
    return found.select_related("allocation", "resource", "company").order_by(
        "kind", "allocation__period__endswith", "code"
    )


def _within(bounds: tuple[int, int], name: str = "transfer_id") -> Q:
    return Q(**{f"{name}__gt": bounds[0], f"{name}__lte": bounds[1]})


def _parts(
    user: Any, accounts: Mapping[int, CreditAccount], bounds: tuple[int, int]
) -> tuple[list[Part], dict[str, int]]:
    """The accounts that anything was booked on by then, and the totals that their entries tell."""
    within = _within(bounds)
    rows = (
        selectors.ledger_entries_for(user)
        .filter(transfer_id__lte=bounds[1], account__kind__in=KINDS)
        .order_by()
        .values("account_id", "transfer__kind")
        .annotate(
            before=Sum("gflop", filter=Q(transfer_id__lte=bounds[0]), default=0),
            into=Sum("gflop", filter=within & Q(gflop__gt=0), default=0),
            out=Sum("gflop", filter=within & Q(gflop__lt=0), default=0),
        )
    )
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    totals = dict.fromkeys(statement_proof.totals_of({"accounts": [], "transfers": []}), 0)
    for row in rows:
        amounts = [int(row["before"]), int(row["into"]), -int(row["out"])]
        sums[row["account_id"]] = [sum(pair) for pair in zip(sums[row["account_id"]], amounts, strict=True)]
        if accounts[row["account_id"]].kind == AccountKind.USAGE:
            name = "used_gflop" if row["transfer__kind"] == TransferKind.USAGE else "corrected_gflop"
            totals[name] += amounts[1] + amounts[2]
    parts = [Part(account, *sums[pk]) for pk, account in accounts.items() if pk in sums]
    for part in parts:
        if part.account.kind == AccountKind.LOT:
            totals["opening_gflop"] += part.opening
            totals["closing_gflop"] += part.closing
        elif part.account.kind == AccountKind.DEBT:
            totals["beyond_opening_gflop"] -= part.opening
            totals["beyond_closing_gflop"] -= part.closing
    return parts, totals


def _moved(
    user: Any, accounts: Mapping[int, CreditAccount], bounds: tuple[int, int], totals: dict[str, int]
) -> tuple[list[Movement], list[Correction]]:
    """All but charges; adds what they are to the totals. Pools are not a founder's to read: no account is joined."""
    found = selectors.transfers_for(user).filter(_within(bounds, "pk")).exclude(kind=TransferKind.USAGE)
    movements: list[Movement] = []
    corrected: dict[int, UsagePosting] = {}
    back: dict[int, int] = defaultdict(int)
    for transfer in found.select_related("usage_posting").order_by("pk"):
        gflop, posting = transfer.amount_gflop, transfer.usage_posting
        debit, credit = accounts.get(transfer.debit_id), accounts.get(transfer.credit_id)
        if posting is not None:
            corrected[posting.pk] = posting
            back[posting.pk] += gflop
        elif debit is None:
            totals["granted_gflop"] += gflop
            movements.append(Movement(transfer, gflop))
        elif credit is None:
            totals["taken_back_gflop"] += gflop
            movements.append(Movement(transfer, -gflop))
        else:
            if credit.kind == AccountKind.DEBT:
                totals["settled_gflop"] += gflop
            movements.append(Movement(transfer, 0))
    corrections = [
        Correction(pk, posting.account, posting.end_day, back[pk], posting.file_sha256)
        for pk, posting in corrected.items()
    ]
    return movements, corrections


def _of_kind(user: Any, bounds: tuple[int, int], kind: str) -> QuerySet[Transfer]:
    return selectors.transfers_for(user).filter(_within(bounds, "pk"), kind=kind)


def _charged(user: Any, bounds: tuple[int, int]) -> QuerySet[UsagePosting]:
    """The postings that the month's transfers pay for."""
    paid = _of_kind(user, bounds, TransferKind.USAGE).order_by().values("usage_posting_id")
    return selectors.usage_postings_for(user).filter(pk__in=paid)


def charges_of(user: Any, statement: Statement) -> QuerySet[UsageRecord]:
    """The jobs that the month charges, in the order of their booking."""
    paid = _of_kind(user, statement.bounds, TransferKind.USAGE).order_by().values("usage_posting_id")
    return charged_records_for(user).filter(posting__in=paid).order_by("posting_id", "pk")


def document_of(user: Any, month: Month, now: datetime) -> dict[str, Any] | None:
    """The statement as JSON that proves itself (see `statement_proof`), in eight queries: made out of the chains, by
    another way than the page. None for a month that has none."""
    bounds = bounds_of(user, month) if month.begins <= now else None
    if bounds is None:
        return None
    accounts = {account.pk: account for account in _accounts(user)}
    known = selectors.ledger_entries_for(user).filter(account__in=accounts)
    heads = {
        entry.account_id: entry
        for entry in known.filter(transfer_id__lte=bounds[0])
        .order_by("account_id", "-seq")
        .distinct("account_id")
    }
    transfers = list(selectors.transfers_for(user).filter(_within(bounds, "pk")).order_by("pk"))
    keys = {transfer.pk: transfer.idempotency_key for transfer in transfers}
    entries: dict[int, list[LedgerEntry]] = defaultdict(list)
    for entry in known.filter(_within(bounds)).order_by("account_id", "seq"):
        entries[entry.account_id].append(entry)
    paid_for = {transfer.usage_posting_id for transfer in transfers if transfer.usage_posting_id}
    postings = {
        posting.pk: posting
        for posting in selectors.usage_postings_for(user)
        .filter(pk__in=paid_for)
        .select_related("cluster")
        .order_by("pk")
    }
    codes = {**_other_codes(), **{pk: account.code for pk, account in accounts.items()}}
    company = next(iter(accounts.values())).company
    assert company is not None
    document: dict[str, Any] = {
        "format": statement_proof.FORMAT,
        "company": {"name": company.name, "business_number": company.business_number},
        "month": month.name,
        "time_zone": "Asia/Seoul",
        "complete": now >= month.ends,
        "accounts": [
            _account_of(account, heads.get(pk), entries.get(pk, []), keys)
            for pk, account in accounts.items()
            if pk in heads or pk in entries
        ],
        "transfers": [_transfer_of(transfer, codes, postings) for transfer in transfers],
        "postings": _postings_of(user, postings, company),
    }
    document["totals"] = statement_proof.totals_of(document)
    return {**document, "seal": statement_proof.seal_of(document)}


def _other_codes() -> dict[int, str]:
    """The codes of the pools that the company's grants came from: a transfer's hash covers them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, code FROM camp_pools_of_transfers()")
        return dict(cursor.fetchall())


def _account_of(
    account: CreditAccount, head: LedgerEntry | None, entries: Sequence[LedgerEntry], keys: Mapping[int, str]
) -> dict[str, Any]:
    last = entries[-1] if entries else head
    return {
        "code": account.code,
        "kind": account.kind,
        "programme": account.allocation.programme if account.kind == AccountKind.LOT else "",
        "opening_gflop": head.balance_gflop if head else 0,
        "opening_seq": head.seq if head else 0,
        "opening_hash": head.hash if head else proof.GENESIS,
        "closing_gflop": last.balance_gflop if last else 0,
        "closing_hash": last.hash if last else proof.GENESIS,
        "entries": [
            [entry.seq, keys[entry.transfer_id], entry.gflop, entry.balance_gflop, entry.hash]
            for entry in entries
        ],
    }


def _transfer_of(
    transfer: Transfer, codes: Mapping[int, str], postings: Mapping[int, UsagePosting]
) -> dict[str, Any]:
    posting = transfer.usage_posting_id
    return {
        "key": transfer.idempotency_key,
        "kind": transfer.kind,
        "gflop": transfer.amount_gflop,
        "debit": codes[transfer.debit_id],
        "credit": codes[transfer.credit_id],
        "reason": transfer.reason,
        "effective_at": transfer.effective_at.astimezone(UTC).isoformat(),
        "recorded_at": transfer.recorded_at.astimezone(UTC).isoformat(),
        "posting": postings[posting].digest if posting else "",
        "payload_hash": transfer.payload_hash,
    }


def _postings_of(user: Any, postings: Mapping[int, UsagePosting], company: Company) -> list[dict[str, Any]]:
    lines: dict[int, list[str]] = defaultdict(list)
    records = charged_records_for(user).select_related(None).filter(posting__in=postings).order_by("pk")
    names = ("kind", "job_id", "submit_at", "revision", "user", "state", "started_at", "ended_at")
    for posting_id, *said in records.values_list(
        "posting_id", *names, "elapsed_seconds", "held", "charge_gflop"
    ).iterator(chunk_size=5_000):
        said[2], said[7] = int(said[2].timestamp()), int(said[7].timestamp())
        said[6] = None if said[6] is None else int(said[6].timestamp())
        lines[posting_id].append(proof.record_line(*said).rstrip("\n"))
    return [
        {
            "digest": posting.digest,
            "cluster": posting.cluster.name,
            "account": posting.account,
            "owner": company.business_number,
            "start_day": posting.start_day.isoformat(),
            "end_day": posting.end_day.isoformat(),
            "rates": posting.rates,
            "file_sha256": posting.file_sha256,
            "recorded_at": posting.recorded_at.astimezone(UTC).isoformat(),
            "charge_gflop": posting.charge_gflop,
            "records": lines[pk],
        }
        for pk, posting in postings.items()
    ]
