"""The compute report: what was asked for, granted, used and lies idle, beside what companies report of themselves.

Every amount is whole GFLOP out of the ledger: what was granted and taken back is what transfers moved between pools and
lots, what is left are the lots' balances, and what a lot paid is the rest. So figures here cannot differ from the ledger's.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.common import display
from incubator.common.states import state_text
from tenants.companies import selectors as residents
from tenants.companies.models import Company
from tenants.compute import selectors as compute
from tenants.compute.enums import (
    OPEN_REQUEST_STATES,
    AccountKind,
    ImportSource,
    ImportState,
    TransferKind,
)
from tenants.compute.models import CreditAccount, Pool
from tenants.compute.selectors import requests
from tenants.compute.selectors import storage as storages
from tenants.compute.storage_csv import TERABYTE
from tenants.compute.wording import resource_name
from tenants.outcomes import selectors as outcomes
from tenants.outcomes.enums import ReportState
from tenants.outcomes.models import KpiDefinition, KpiValue

from .selectors import COMPUTE_PF, STORAGE_PB
from .tables import Column, Line, Table

LATE_AFTER = timedelta(days=1)
HOURS_A_DAY = 24
GFLOP_PER_PFH = display.GFLOP_PER_PFH


@dataclass(frozen=True)
class Flow:
    """What went between pools and a lot, and between lots: GFLOP."""

    granted: int = 0
    taken_back: int = 0
    moved: int = 0

    def __add__(self, other: "Flow") -> "Flow":
        return Flow(
            self.granted + other.granted, self.taken_back + other.taken_back, self.moved + other.moved
        )

    @property
    def kept(self) -> int:
        return self.granted - self.taken_back + self.moved


@dataclass(frozen=True)
class LotFigures:
    account: CreditAccount
    flow: Flow

    @property
    def left(self) -> int:
        return self.account.balance_gflop

    @property
    def used(self) -> int:
        """All that it paid for, past debts among it."""
        return self.flow.kept - self.left


@dataclass
class Figures:
    """What all tables are made of. `used` has GFLOP by (company, resource code, month); company None: unattributed."""

    today: date
    year: int
    lots: list[LotFigures]
    debts: dict[int, int]
    suspense: list[CreditAccount]
    flows: dict[date, Flow]
    used: dict[tuple[int | None, str, date], int]
    asked: dict[int, int]
    companies: dict[int, Company] = field(default_factory=dict)

    def in_year(self, lot: LotFigures) -> bool:
        period = lot.account.allocation.period
        return bool(period.lower <= date(self.year, 12, 31) and period.upper > date(self.year, 1, 1))

    @property
    def months(self) -> list[date]:
        return [date(self.year, month, 1) for month in range(1, 13)]

    def used_by(self, key: Callable[[int | None, str, date], Any]) -> dict[Any, int]:
        sums: dict[Any, int] = defaultdict(int)
        for (company_id, code, month), gflop in self.used.items():
            if month.year == self.year:
                sums[key(company_id, code, month)] += gflop
        return sums


def figures(user: Any, today: date, year: int) -> Figures:
    """In four queries."""
    kinds = [AccountKind.LOT, AccountKind.DEBT, AccountKind.SUSPENSE]
    accounts = list(
        compute.accounts_for(user)
        .filter(kind__in=kinds)
        .select_related("allocation__pool", "company", "cluster")
        .order_by("company__name", "pk")
    )
    by_lot, by_month = _flows(user)
    lots = [
        LotFigures(account, by_lot.get(account.pk, Flow()))
        for account in accounts
        if account.kind == AccountKind.LOT
    ]
    return Figures(
        today=today,
        year=year,
        lots=lots,
        debts={
            account.company_id: -account.balance_gflop
            for account in accounts
            if account.kind == AccountKind.DEBT and account.company_id
        },
        suspense=[
            account for account in accounts if account.kind == AccountKind.SUSPENSE and account.balance_gflop
        ],
        flows=by_month,
        used=_used(user),
        asked=_asked(user),
        companies={account.company.pk: account.company for account in accounts if account.company},
    )


def _flows(user: Any) -> tuple[dict[int, Flow], dict[date, Flow]]:
    """By lot, and by the month in which it counts in the camp's time zone, in one query."""
    pool, lot = AccountKind.POOL, AccountKind.LOT
    rows = (
        compute.transfers_for(user)
        .exclude(kind=TransferKind.USAGE)
        .filter(Q(debit__kind__in=[pool, lot], credit__kind=lot) | Q(debit__kind=lot, credit__kind=pool))
        .order_by()
        .values("debit_id", "credit_id", "debit__kind", "credit__kind")
        .annotate(month=TruncMonth("effective_at", tzinfo=timezone.get_default_timezone()))
        .annotate(gflop=Sum("amount_gflop"))
    )
    by_lot: dict[int, Flow] = defaultdict(Flow)
    by_month: dict[date, Flow] = defaultdict(Flow)
    for row in rows:
        gflop, month = int(row["gflop"]), row["month"].date()
        if row["debit__kind"] == pool:
            by_lot[row["credit_id"]] += Flow(granted=gflop)
            by_month[month] += Flow(granted=gflop)
        elif row["credit__kind"] == pool:
            by_lot[row["debit_id"]] += Flow(taken_back=gflop)
            by_month[month] += Flow(taken_back=gflop)
        else:
            by_lot[row["credit_id"]] += Flow(moved=gflop)
            by_lot[row["debit_id"]] += Flow(moved=-gflop)
    return by_lot, by_month


def _used(user: Any) -> dict[tuple[int | None, str, date], int]:
    rows = (
        compute.usage_days_for(user)
        .order_by()
        .values_list("company_id", "account__resource__code", TruncMonth("day"))
        .annotate(gflop=Sum("gflop"))
    )
    return {(company_id, code, month): int(gflop) for company_id, code, month, gflop in rows}


def _asked(user: Any) -> dict[int, int]:
    """GFLOP of requests that wait for a decision, by company."""
    waiting = requests.grant_requests_for(user).filter(state__in=OPEN_REQUEST_STATES)
    rows = waiting.order_by().values_list("company_id").annotate(Sum("amount_gflop"))
    return {company_id: int(gflop) for company_id, gflop in rows}


def _sums(columns: Sequence[Column], lines: Sequence[Line]) -> list[Any]:
    """The word for a total, and the sums of all columns of amounts and numbers."""
    sums: list[Any] = [_("Total")]
    for place, column in enumerate(columns[1:], start=1):
        adds_up = column.kind in ("pfh", "tb", "number")
        sums.append(sum(line.values[place] or 0 for line in lines) if adds_up else None)
    return sums


def pools_table(user: Any, found: Figures) -> Table:
    """Each pool that touches the year, with what was asked of the camp beyond what it has left."""
    year = DateRange(date(found.year, 1, 1), date(found.year + 1, 1, 1))
    columns = [
        Column(gettext_lazy("Pool")),
        Column(gettext_lazy("Period")),
        Column(gettext_lazy("Capacity"), "pfh"),
        Column(gettext_lazy("Of the centre's own"), "percent"),
        Column(gettext_lazy("Granted"), "pfh"),
        Column(gettext_lazy("Used"), "pfh"),
        Column(gettext_lazy("Idle"), "pfh"),
        Column(gettext_lazy("Remaining in the pool"), "pfh"),
        Column(gettext_lazy("Over-committed"), "pfh"),
    ]
    pools = Pool.objects.filter(period__overlap=year).select_related("account").order_by("period", "pk")
    asked = sum(found.asked.values())
    lines = []
    for pool in pools:
        lots = [lot for lot in found.lots if lot.account.allocation.pool_id == pool.pk]
        left = pool.account.balance_gflop
        in_force = found.today in pool.period
        days = (pool.period.upper - pool.period.lower).days
        centre = COMPUTE_PF * HOURS_A_DAY * days * GFLOP_PER_PFH
        over = max(pool.capacity_gflop - int(centre), 0) + (max(asked - left, 0) if in_force else 0)
        values = [
            pool.name,
            display.period(pool.period),
            pool.capacity_gflop,
            Decimal(100 * pool.capacity_gflop) / centre,
            pool.capacity_gflop - left,
            sum(lot.used for lot in lots),
            sum(lot.left for lot in lots),
            left,
            over,
        ]
        lines.append(Line(values, reverse("admin:compute_pool_change", args=[pool.pk])))
    note = gettext_lazy(
        "Over-committed is what a pool has above all that the data centre can make in its period (88.5 PF × hours), and what"
        " open requests ask for above what the pool in force has left. Grants themselves never exceed their pool."
    )
    return Table("pools", gettext_lazy("By pool"), columns, lines, note)


def months_table(found: Figures) -> Table:
    used = found.used_by(lambda _company, _code, month: month)
    nobody = found.used_by(lambda company, _code, month: month if company is None else None)
    columns = [
        Column(gettext_lazy("Month")),
        Column(gettext_lazy("Granted"), "pfh"),
        Column(gettext_lazy("Taken back"), "pfh"),
        Column(gettext_lazy("Used"), "pfh"),
        Column(gettext_lazy("of that unattributed"), "pfh"),
    ]
    lines = []
    for month in found.months:
        flow = found.flows.get(month, Flow())
        lines.append(Line([display.month(month), flow.granted, flow.taken_back, used[month], nobody[month]]))
    note = gettext_lazy(
        "Grants count in the month in which they were made, usage in that in which the job ended; months are Seoul's."
    )
    return Table("months", gettext_lazy("By month"), columns, lines, note, _sums(columns, lines))


def resources_table(found: Figures) -> Table:
    used = found.used_by(lambda _company, code, month: (code, month))
    codes = sorted({code for code, _month in used})
    columns = [
        Column(gettext_lazy("Month")),
        *(Column(resource_name(code), "pfh") for code in codes),
        Column(gettext_lazy("Together"), "pfh"),
    ]
    lines = []
    for month in found.months:
        amounts = [used[code, month] for code in codes]
        lines.append(Line([display.month(month), *amounts, sum(amounts)]))
    return Table("resources", gettext_lazy("Used by resource"), columns, lines, total=_sums(columns, lines))


def _lot_columns(*, asked: bool) -> list[Column]:
    return [
        *([Column(gettext_lazy("Requested"), "pfh")] if asked else []),
        Column(gettext_lazy("Granted"), "pfh"),
        Column(gettext_lazy("Taken back"), "pfh"),
        Column(gettext_lazy("Used"), "pfh"),
        Column(gettext_lazy("Idle"), "pfh"),
        Column(gettext_lazy("Used of what was kept"), "percent"),
    ]


def _lot_values(lots: Sequence[LotFigures]) -> list[Any]:
    flow = sum((lot.flow for lot in lots), Flow())
    used = sum(lot.used for lot in lots)
    share = Decimal(100 * used) / flow.kept if flow.kept else None
    return [flow.granted + flow.moved, flow.taken_back, used, sum(lot.left for lot in lots), share]


def programmes_table(found: Figures) -> Table:
    by_programme: dict[str, list[LotFigures]] = defaultdict(list)
    for lot in found.lots:
        if found.in_year(lot):
            by_programme[lot.account.allocation.programme].append(lot)
    columns = [
        Column(gettext_lazy("Programme")),
        Column(gettext_lazy("Grants"), "number"),
        *_lot_columns(asked=False),
    ]
    lines = [Line([name, len(lots), *_lot_values(lots)]) for name, lots in sorted(by_programme.items())]
    note = gettext_lazy("Grants whose period touches the year, with all that they ever paid for.")
    return Table("programmes", gettext_lazy("By programme"), columns, lines, note, _sums(columns, lines))


def unattributed_table(found: Figures) -> Table:
    columns = [
        Column(gettext_lazy("Account on the cluster")),
        Column(gettext_lazy("Cluster")),
        Column(gettext_lazy("Waits"), "pfh"),
    ]
    lines = [
        Line(
            [account.cluster_account, str(account.cluster), -account.balance_gflop],
            reverse("admin:compute_creditaccount_assign", args=[account.pk]),
        )
        for account in found.suspense
    ]
    note = gettext_lazy(
        "Usage that nobody claims, of all years. Follow the account to assign it to a company."
    )
    return Table(
        "unattributed", gettext_lazy("Unattributed usage"), columns, lines, note, _sums(columns, lines)
    )


def imports_table(user: Any, now: datetime) -> Table:
    """The last reading of each cluster and source, how late it is, and what failed since."""
    done = Q(state=ImportState.IMPORTED)
    rows = (
        compute.usage_imports_for(user)
        .order_by("cluster__name", "source")
        .values("cluster_id", "cluster__name", "source")
        .annotate(
            last=Max("finished_at", filter=done),
            imports=Count("pk", filter=done),
            failed=Count("pk", filter=Q(state=ImportState.FAILED)),
            rejected=Sum("rejected", filter=done),
        )
    )
    columns = [
        Column(gettext_lazy("Cluster")),
        Column(gettext_lazy("Source")),
        Column(gettext_lazy("Last import"), "moment"),
        Column(gettext_lazy("State")),
        Column(gettext_lazy("Imports"), "number"),
        Column(gettext_lazy("Failed"), "number"),
        Column(gettext_lazy("Rejected rows"), "number"),
    ]
    listed = reverse("admin:compute_usageimport_changelist")
    lines = []
    for row in rows:
        late = row["last"] is None or now - row["last"] > LATE_AFTER
        state = state_text("late", _("Late: more than a day")) if late else state_text("done", _("In time"))
        query = f"?cluster__id__exact={row['cluster_id']}&source__exact={row['source']}"
        query += "&state__exact=failed" if row["failed"] else ""
        source = ImportSource(row["source"]).label
        counts = [row["imports"], row["failed"], row["rejected"] or 0]
        lines.append(Line([row["cluster__name"], source, row["last"], state, *counts], listed + query))
    return Table("imports", gettext_lazy("Imports"), columns, lines)


def companies_table(user: Any, found: Figures) -> Table:
    """Companies with credits, storage or reported outcomes: credits of the year beside what they report of it."""
    lots: dict[int, list[LotFigures]] = defaultdict(list)
    for lot in found.lots:
        if found.in_year(lot):
            lots[lot.account.company_id or 0].append(lot)
    used = found.used_by(lambda company, _code, _month: company)
    stored = storages.storages_of(user, found.today)
    reported, indicators = _outcomes(user, found)
    asked = found.asked
    ids = {*lots, *found.debts, *(pk for pk in used if pk), *stored, *reported, *asked}
    missing = ids - found.companies.keys()
    # Read with their accounts already, but for those that have storage or a report alone.
    companies = {**found.companies, **(residents.companies_for(user).in_bulk(missing) if missing else {})}
    columns = [
        Column(gettext_lazy("Company")),
        *_lot_columns(asked=True),
        Column(gettext_lazy("Used in the year"), "pfh"),
        Column(gettext_lazy("Beyond the grants"), "pfh"),
        Column(gettext_lazy("Storage granted"), "tb"),
        Column(gettext_lazy("Storage used"), "tb"),
        *(Column(str(indicator), "number") for indicator in indicators),
    ]
    lines = []
    for company in sorted(
        (companies[pk] for pk in ids if pk in companies), key=lambda one: (one.name, one.pk)
    ):
        held = stored.get(company.pk, storages.NONE)
        figures_of = reported.get(company.pk, {})
        values = [
            company.name,
            asked.get(company.pk, 0),
            *_lot_values(lots.get(company.pk, ())),
            used.get(company.pk, 0),
            found.debts.get(company.pk, 0),
            held.granted if held.known else None,
            held.used if held.as_of else None,
            *(figures_of.get(indicator.pk) for indicator in indicators),
        ]
        lines.append(Line(values, reverse("admin:companies_company_change", args=[company.pk])))
    note = gettext_lazy(
        "Grants whose period touches the year, with all that they ever paid for; outcomes are those of the latest report of"
        " the year that was submitted."
    )
    total = _sums(columns, lines)
    return Table("companies", gettext_lazy("By company, beside outcomes"), columns, lines, note, total)


def _outcomes(user: Any, found: Figures) -> tuple[Mapping[int, dict[int, int]], Sequence[KpiDefinition]]:
    """Figures of each company's latest submitted report of a period that touches the year, by indicator; one query."""
    year = DateRange(date(found.year, 1, 1), date(found.year + 1, 1, 1))
    reports = outcomes.reports_for(user).filter(state=ReportState.SUBMITTED, period__period__overlap=year)
    values = KpiValue.objects.filter(report__in=reports).select_related("report", "definition")
    latest: dict[int, tuple[Any, dict[int, int]]] = {}
    indicators: dict[int, KpiDefinition] = {}
    for value in values.order_by("report__period__period", "report__revision", "pk"):
        report = value.report
        if latest.get(report.company_id, (None,))[0] != report.pk:
            latest[report.company_id] = (report.pk, {})
        latest[report.company_id][1][value.definition_id] = value.value
        indicators[value.definition_id] = value.definition
    ordered = sorted(indicators.values(), key=lambda one: (one.position, one.pk))
    return {company_id: of for company_id, (_report, of) in latest.items()}, ordered


@dataclass(frozen=True)
class Totals:
    """Of the grants that touch the year, and of the year's usage, in GFLOP."""

    granted: int
    used: int
    idle: int
    used_in_year: int
    debt: int
    unattributed: int


def totals(found: Figures) -> Totals:
    granted, taken_back, used, idle, _share = _lot_values([lot for lot in found.lots if found.in_year(lot)])
    return Totals(
        granted=granted - taken_back,
        used=used,
        idle=idle,
        used_in_year=sum(found.used_by(lambda *_key: None).values()),
        debt=sum(found.debts.values()),
        unattributed=-sum(account.balance_gflop for account in found.suspense),
    )


@dataclass(frozen=True)
class StorageTotal:
    """Of all companies, in bytes, against what the data centre has."""

    granted: int
    used: int
    capacity: int = STORAGE_PB * 1000 * TERABYTE

    @property
    def granted_percent(self) -> Decimal:
        return Decimal(100 * self.granted) / self.capacity


def storage_of_table(table: Table) -> StorageTotal:
    """The sums of the table of companies."""
    granted, used = (
        total for column, total in zip(table.columns, table.total or (), strict=True) if column.kind == "tb"
    )
    return StorageTotal(granted, used)


TABLES = ("pools", "months", "resources", "programmes", "unattributed", "imports", "companies")


def table(user: Any, name: str, now: datetime, year: int) -> Table:
    """One table by its name, which is one of TABLES."""
    found = figures(user, timezone.localdate(now), year)
    make: dict[str, Callable[[], Table]] = {
        "pools": lambda: pools_table(user, found),
        "months": lambda: months_table(found),
        "resources": lambda: resources_table(found),
        "programmes": lambda: programmes_table(found),
        "unattributed": lambda: unattributed_table(found),
        "imports": lambda: imports_table(user, now),
        "companies": lambda: companies_table(user, found),
    }
    return make[name]()
