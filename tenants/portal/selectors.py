"""The founder's first screen: one company, everything that matters today, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateTimeField, Exists, Func, OuterRef, Sum
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext as _

from incubator.common.display import day_short, petaflop_hours, pfh
from investors.matching import selectors as matching
from investors.matching.models import Match
from tenants.compute import selectors as compute
from tenants.compute.enums import AccountKind
from tenants.compute.forecast import RunOut, run_out
from tenants.compute.models import Allocation
from tenants.consulting import selectors as consulting
from tenants.consulting.models import Booking
from tenants.deadlines import selectors as deadlines
from tenants.deadlines.enums import ClockKind
from tenants.leases import selectors as leases
from tenants.leases.enums import ExtensionState
from tenants.leases.selectors import LeaseCard, policies

from .todo import PRESSING_DAYS, SHOWN, Todo, todos, waiting_for

BURN_DAYS = 30
EXPIRY_DAYS = 30
DUTY_DAYS = 30


@dataclass(frozen=True)
class LeaseView:
    """The lease that ends first among those that are lived in, the others beside it, and all that was waived."""

    card: LeaseCard
    asked: bool
    others: Sequence[LeaseCard]
    waived_krw: int | None

    @property
    def may_ask(self) -> bool:
        return self.card.may_ask and not self.asked


@dataclass(frozen=True)
class CreditView:
    """Credits of the grants in force, in whole GFLOP; `burn` are PF·h of each of the last 30 days."""

    balance: compute.Balance
    burn: Sequence[tuple[date, Decimal]]
    burn_gflop: int
    run_out: RunOut | None
    imported_at: datetime | None
    lots: Sequence[tuple[Allocation, int]]

    @property
    def is_empty(self) -> bool:
        return not (self.balance.granted or self.balance.debt or self.burn_gflop)

    @property
    def day_mean(self) -> int:
        """Whole GFLOP a day over the last 30 days."""
        return self.burn_gflop // BURN_DAYS


@dataclass(frozen=True)
class Glance:
    """All that the first screen says."""

    today: date
    place: str
    lease: LeaseView | None
    credits: CreditView
    session: Booking | None
    open_steps: int
    todo: Sequence[Todo]
    match: Match | None

    @cached_property
    def count(self) -> int:
        """How many things the company itself has to do."""
        return sum(each.mine for each in self.todo)

    @property
    def shown(self) -> Sequence[Todo]:
        return self.todo[:SHOWN]

    @property
    def hidden(self) -> int:
        return len(self.todo) - len(self.shown)


def glance(user: Any, now: datetime, today: date) -> Glance:
    """The first screen of the company that the person acts for, in seven queries."""
    cards = _cards(user, today)
    lease = _lease(cards)
    credit = _credits(user, today)
    waits = waiting_for(user, today)
    todo = [
        *_deadlines(lease, credit, today),
        *_duties(user, today),
        *todos(waits, today),
    ]
    return Glance(
        today=today,
        place=lease.card.lease.space.place if lease else "",
        lease=lease,
        credits=credit,
        session=consulting.next_booking_for(user, now=now),
        open_steps=sum(each.kind == "step" for each in waits),
        todo=todo,
        match=matching.matches_for(user).order_by("-run_id", "-score", "pk").first(),
    )


def _cards(user: Any, today: date) -> list[tuple[LeaseCard, bool]]:
    """The company's leases and whether an extension of each is under review, in two queries."""
    asked = leases.extension_requests_for(user).filter(lease=OuterRef("pk"), state=ExtensionState.OPEN)
    found = list(
        leases.leases_for(user).annotate(asked=Exists(asked), max_months=policies.term_months_on(today))
    )
    amounts = leases.waived_for(found, date.min, today)
    return [
        (LeaseCard(lease, today, amounts[lease.pk], (), lease.max_months), lease.asked) for lease in found
    ]


def _lease(cards: Sequence[tuple[LeaseCard, bool]]) -> LeaseView | None:
    live = sorted(
        (pair for pair in cards if pair[0].is_live),
        key=lambda pair: (not pair[0].has_begun, pair[0].lease.last_day or date.max, pair[0].lease.pk),
    )
    if not live:
        return None
    amounts = [card.waived.total_krw for card, _asked in cards]
    (first, asked), *others = live
    known = [amount for amount in amounts if amount is not None]
    total = sum(known) if len(known) == len(amounts) else None
    return LeaseView(first, asked, [card for card, _asked in others], total)


def _credits(user: Any, today: date) -> CreditView:
    """Grants and usage in one query: where there is usage, there is a grant or a debt."""
    first = today - timedelta(days=BURN_DAYS - 1)
    used = (
        compute.usage_days_for(user)
        .filter(day__gte=first, day__lte=today)
        .order_by()
        .values("day")
        .annotate(sum=Sum("gflop"))
        .values(of_day=JSONObject(day="day", gflop="sum"))
    )
    accounts = list(
        compute.accounts_for(user)
        .filter(kind__in=[AccountKind.LOT, AccountKind.DEBT])
        .select_related("allocation")
        .annotate(
            imported_at=Func(function="camp_last_usage_import", output_field=DateTimeField()),
            used=ArraySubquery(used),
        )
        .order_by("allocation__period__endswith", "pk")
    )
    lots = [
        (account.allocation, account.balance_gflop)
        for account in accounts
        if account.kind == AccountKind.LOT
        and account.allocation.period.lower <= today < account.allocation.period.upper
    ]
    balance = compute.Balance(
        granted=sum(grant.net_gflop for grant, _left in lots),
        left=sum(left for _grant, left in lots),
        debt=-sum(account.balance_gflop for account in accounts if account.kind == AccountKind.DEBT),
    )
    by_day = {each["day"]: int(each["gflop"]) for each in (accounts[0].used if accounts else ())}
    dates = [first + timedelta(days=n) for n in range(BURN_DAYS)]
    days = [(day, by_day.get(day.isoformat(), 0)) for day in dates]
    amounts = [gflop for _day, gflop in days]
    return CreditView(
        balance=balance,
        burn=[(day, petaflop_hours(gflop)) for day, gflop in days],
        burn_gflop=sum(amounts),
        run_out=run_out(
            balance.left, amounts, today, max((grant.period.upper for grant, _left in lots), default=None)
        ),
        imported_at=accounts[0].imported_at if accounts else None,
        lots=lots,
    )


def _deadlines(lease: LeaseView | None, credit: CreditView, today: date) -> list[Todo]:
    """What no domain asks for, but a date does: the last days to ask for an extension, credits that will be taken back."""
    found = []
    ask_by = lease.card.ask_by if lease and lease.may_ask else None
    if lease and ask_by and (ask_by - today).days < PRESSING_DAYS:
        found.append(
            Todo(
                "attention",
                _("Please say whether you want to extend your lease"),
                _("possible until %(day)s") % {"day": day_short(ask_by)},
                reverse("leases:extension", args=[lease.card.lease.pk]),
                _("Ask to stay longer"),
            )
        )
    ending = [
        (grant, left)
        for grant, left in credit.lots
        if left and (grant.period.upper - today).days <= EXPIRY_DAYS
    ]
    if ending:
        last = min(grant.period.upper for grant, _left in ending) - timedelta(days=1)
        left = sum(amount for grant, amount in ending if grant.period.upper - timedelta(days=1) == last)
        found.append(
            Todo(
                "waiting",
                _("Please use your credits before their grant ends"),
                _("%(amount)s PF·h, last day %(day)s") % {"amount": pfh(left), "day": day_short(last)},
                reverse("compute:home"),
                _("See the grant"),
            )
        )
    return found


def _duties(user: Any, today: date) -> list[Todo]:
    """Insurance, fire training and their like that end soon or are over, and nobody has sent in."""
    return [
        Todo(
            "attention" if clock.days_left(today) < PRESSING_DAYS else "waiting",
            clock.title,
            _("due %(day)s") % {"day": day_short(clock.due)},
            clock.portal_url,
            clock.todo,
        )
        for clock in deadlines.clocks_for(user, today)
        if clock.kind == ClockKind.DUTY
        and clock.days_left(today) <= DUTY_DAYS
        and not clock.details["waiting"]
    ]
