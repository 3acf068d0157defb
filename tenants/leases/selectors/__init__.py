"""Reads. Every list of spaces, leases and requests starts at a `*_for(user)`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from tenants.leases.enums import (
    EXTENDABLE_STATES,
    HELD_STATES,
    EndingState,
    ExtensionState,
    LeaseState,
    SigningSide,
)
from tenants.leases.models import (
    Building,
    EarlyEnd,
    ExtensionRequest,
    Floor,
    Holdover,
    Lease,
    LeaseContract,
    LeaseSignature,
    LeaseTransition,
    Rate,
    Space,
)
from tenants.leases.selectors import endings
from tenants.leases.selectors.policies import policy_on, term_months_on
from tenants.leases.terms import ask_by, last_of_term
from tenants.leases.waived import MonthWaived, RateGap, RateSpan, Span, Waived, waived


def _visible(user: Any, queryset: QuerySet, company: str | None) -> QuerySet:
    """All of it for staff, the own company's part for a founder (`company` None: all of it), nothing for anyone else."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return queryset
    if acting.kind == Kind.FOUNDER:
        return queryset if company is None else queryset.filter(**{f"{company}__in": acting.company_ids})
    return queryset.none()


def buildings_for(user: Any) -> QuerySet[Building]:
    return _visible(user, Building.objects.all(), None)


def floors_for(user: Any) -> QuerySet[Floor]:
    return _visible(user, Floor.objects.select_related("building"), None)


def spaces_for(user: Any) -> QuerySet[Space]:
    """Rooms and desks are no secret among staff and founders; who is in them is."""
    return _visible(user, Space.objects.select_related("building", "floor"), None)


def rates_for(user: Any) -> QuerySet[Rate]:
    return _visible(user, Rate.objects.select_related("space__building"), None)


def leases_for(user: Any) -> QuerySet[Lease]:
    """With company, space, building and floor. Drafts are the managers' own."""
    leases = Lease.objects.select_related("company", "space__building", "space__floor")
    if acting_of(user).kind == Kind.FOUNDER:
        leases = leases.exclude(state=LeaseState.DRAFT)
    return _visible(user, leases, "company_id")


def transitions_for(user: Any) -> QuerySet[LeaseTransition]:
    return _visible(user, LeaseTransition.objects.select_related("actor"), "lease__company_id")


def extension_requests_for(user: Any) -> QuerySet[ExtensionRequest]:
    """With lease, company and space."""
    requests = ExtensionRequest.objects.select_related("lease__company", "lease__space__building")
    return _visible(user, requests, "lease__company_id")


def ending_soon(user: Any, *, within_days: int, today: date) -> QuerySet[Lease]:
    """Active leases whose last day is today or at most `within_days` days away, the first to end first."""
    return (
        leases_for(user)
        .filter(
            state=LeaseState.ACTIVE,
            period__endswith__gt=today,
            period__endswith__lte=today + timedelta(days=within_days + 1),
        )
        .order_by("period__endswith", "pk")
    )


def held_on(leases: QuerySet[Lease], day: date) -> QuerySet[Lease]:
    """The leases that held their space on this day: signed ones whose period holds it, whatever became of them since."""
    return leases.filter(state__in=HELD_STATES, period__contains=day)


@dataclass(frozen=True)
class Occupancy:
    """How much of what is let was held on one day, by area and by number."""

    spaces: int
    spaces_let: int
    area_m2: Decimal
    area_let_m2: Decimal

    @property
    def share(self) -> Decimal:
        """Let area of all area, 0 to 1."""
        return self.area_let_m2 / self.area_m2 if self.area_m2 else Decimal(0)


def occupancy(today: date) -> Occupancy:
    """Of all spaces that are let at present, in one query. Counts what the role in force may see: ask it as staff."""
    taken = Exists(held_on(Lease.objects.all(), today).filter(space_id=OuterRef("pk")))
    row = (
        Space.objects.filter(active=True)
        .annotate(taken=taken)
        .aggregate(
            all_spaces=Count("pk"),
            let_spaces=Count("pk", filter=Q(taken=True)),
            all_area=Sum("area_m2", default=Decimal(0)),
            let_area=Sum("area_m2", filter=Q(taken=True), default=Decimal(0)),
        )
    )
    return Occupancy(row["all_spaces"], row["let_spaces"], row["all_area"], row["let_area"])


def waived_for(leases: QuerySet[Lease] | Iterable[Lease], first: date, last: date) -> dict[int, Waived]:
    """Waived rent and fee of each lease, by its id, on the days from `first` to `last`, both included.

    One query on top of the leases' own, however many they are. Drafts and offers hold no day. A lease with days that have
    no rate says which (`gaps`), and its sums are None. Leases that are given as objects should carry their space.
    """
    if isinstance(leases, QuerySet):
        leases = leases.select_related("space")
    leases = list(leases)
    rates = defaultdict(list)
    wanted = Rate.objects.filter(space_id__in={lease.space_id for lease in leases})
    for space_id, period, rent, fee in wanted.values_list(
        "space_id", "period", "rent_krw_per_m2", "fee_krw_per_m2"
    ):
        rates[space_id].append(RateSpan(period.lower, period.upper, rent, fee))
    amounts = {}
    for lease in leases:
        held = lease.state in HELD_STATES and not lease.period.isempty
        span = Span(lease.period.lower, lease.period.upper)
        amounts[lease.pk] = (
            waived(span, lease.space.area_m2, rates[lease.space_id], first, last) if held else Waived()
        )
    return amounts


@dataclass(frozen=True)
class WaivedLine:
    """One lease in a statement of waived amounts; its first and last day are the lease's own."""

    business_number: str
    building: str
    space: str
    first_day: date
    last_day: date
    waived: Waived


def waived_lines(first: date, last: date) -> list[WaivedLine]:
    """Every lease that held its space on a day from `first` to `last`, with what was waived on these days. For staff."""
    window = DateRange(first, last + timedelta(days=1))
    held = Lease.objects.filter(state__in=HELD_STATES, period__overlap=window)
    leases = list(held.select_related("company", "space__building").order_by("period", "pk"))
    amounts = waived_for(leases, first, last)
    return [
        WaivedLine(
            lease.company.business_number,
            lease.space.building.name,
            lease.space.code,
            lease.period.lower,
            lease.period.upper - timedelta(days=1),
            amounts[lease.pk],
        )
        for lease in leases
    ]


def rate_on(rates: Iterable[Rate], day: date) -> Rate | None:
    """The rate in force on this day among those of one space."""
    for rate in rates:
        if (rate.period.lower or day) <= day and (rate.period.upper is None or day < rate.period.upper):
            return rate
    return None


@dataclass(frozen=True)
class LeaseCard:
    """One lease as its company sees it on `today`."""

    lease: Lease
    today: date
    waived: Waived
    requests: Sequence[ExtensionRequest]
    max_months: int

    @property
    def is_live(self) -> bool:
        """Offered, signed or active, terminated with days still to come, or over while the company is still there."""
        state, last = self.lease.state, self.lease.last_day
        if state in (LeaseState.OFFERED, LeaseState.SIGNED, LeaseState.ACTIVE) or self.holdover:
            return True
        return state == LeaseState.TERMINATED and last is not None and last >= self.today

    @property
    def has_begun(self) -> bool:
        return self.lease.first_day is not None and self.lease.first_day <= self.today

    @property
    def days_left(self) -> int:
        """Days until the last day: 0 on it, negative after it."""
        return (self.lease.last_day - self.today).days if self.lease.last_day else 0

    @property
    def days_until_start(self) -> int:
        return (self.lease.first_day - self.today).days if self.lease.first_day else 0

    @property
    def ask_by(self) -> date | None:
        """The last day on which an extension can be asked for."""
        return ask_by(self.lease.last_day) if self.lease.last_day else None

    @property
    def longest(self) -> date | None:
        """The last day that the policy allows this lease."""
        return last_of_term(self.lease.first_day, self.max_months) if self.lease.first_day else None

    @property
    def open_request(self) -> ExtensionRequest | None:
        return next((request for request in self.requests if request.state == ExtensionState.OPEN), None)

    @property
    def contract_id(self) -> int | None:
        """The contract that counts, where the overview has looked for it."""
        return getattr(self.lease, "contract_id", None)

    @property
    def company_signed_at(self) -> datetime | None:
        """When the company signed that contract."""
        return getattr(self.lease, "company_signed_at", None)

    def _end(self, state: EndingState) -> EarlyEnd | None:
        ends: Sequence[dict[str, Any]] = getattr(self.lease, "ends", ())
        return next((endings.end_told(end) for end in ends if end["state"] == state), None)

    @property
    def early_end(self) -> EarlyEnd | None:
        """The earlier end that is in force."""
        return self._end(EndingState.AGREED)

    @property
    def asked_end(self) -> EarlyEnd | None:
        """The earlier end that is being decided."""
        return self._end(EndingState.OPEN)

    @property
    def holdover(self) -> Holdover | None:
        """The stay after the end, while it is not resolved."""
        found: Holdover | None = self.lease._state.fields_cache.get("holdover")
        return found if found is not None and found.is_open else None

    @property
    def may_leave(self) -> bool:
        """Whether an earlier end can be asked for today."""
        return (
            self.lease.state in EXTENDABLE_STATES
            and self.early_end is None
            and self.asked_end is None
            and self.days_left > 0
        )

    @property
    def is_full_term(self) -> bool:
        return bool(self.longest and self.lease.last_day and self.lease.last_day >= self.longest)

    @property
    def may_ask(self) -> bool:
        """Whether an extension can be asked for today."""
        return (
            self.lease.state in EXTENDABLE_STATES
            and self.open_request is None
            and not self.is_full_term
            and self.early_end is None
            and self.ask_by is not None
            and self.today <= self.ask_by
        )

    @property
    def is_pressing(self) -> bool:
        """The end is near enough to be marked."""
        return self.lease.state == LeaseState.ACTIVE and self.days_left <= 60


@dataclass(frozen=True)
class Overview:
    """All leases of a company on one day: those that live now, first to end first, and those that are over."""

    live: Sequence[LeaseCard]
    past: Sequence[LeaseCard]

    @property
    def cards(self) -> list[LeaseCard]:
        return [*self.live, *self.past]

    @property
    def rent_krw(self) -> int | None:
        return _sum(card.waived.rent_krw for card in self.cards)

    @property
    def fee_krw(self) -> int | None:
        return _sum(card.waived.fee_krw for card in self.cards)

    @property
    def total_krw(self) -> int | None:
        return _sum(card.waived.total_krw for card in self.cards)

    @property
    def gaps(self) -> list[RateGap]:
        return [gap for card in self.cards for gap in card.waived.gaps]

    @property
    def months(self) -> list[MonthWaived]:
        """All leases together, month by month, the latest first."""
        return combined_months(card.waived for card in self.cards)


def _sum(amounts: Iterable[int | None]) -> int | None:
    total = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def combined_months(amounts: Iterable[Waived]) -> list[MonthWaived]:
    """Several leases' months added up, the latest first; `days` are lease-days."""
    by_month = defaultdict(list)
    for amount in amounts:
        for month in amount.months:
            by_month[month.month].append(month)
    return [
        MonthWaived(
            month,
            sum(part.days for part in parts),
            _sum(part.rent_krw for part in parts),
            _sum(part.fee_krw for part in parts),
        )
        for month, parts in sorted(by_month.items(), reverse=True)
    ]


def founder_overview(user: Any, today: date) -> Overview:
    """The leases of the person's company with what was waived until today, their steps, their contract, and all that is
    asked of them; five queries."""
    requests = Prefetch("extension_requests", extension_requests_for(user), to_attr="requests")
    steps = Prefetch("transitions", transitions_for(user), to_attr="steps")
    newest = LeaseContract.objects.filter(lease=OuterRef("pk")).order_by("-number")
    signed = LeaseSignature.objects.filter(contract=OuterRef("contract_id"), side=SigningSide.COMPANY)
    found: Any = leases_for(user).select_related("holdover")
    found = found.annotate(max_months=term_months_on(today), contract_id=Subquery(newest.values("pk")[:1]))
    found = found.annotate(company_signed_at=Subquery(signed.values("at")[:1]), ends=endings.told_ends(user))
    leases = list(found.prefetch_related(requests, steps))
    amounts = waived_for(leases, date.min, today)
    cards = [LeaseCard(lease, today, amounts[lease.pk], lease.requests, lease.max_months) for lease in leases]
    live = sorted((card for card in cards if card.is_live), key=_soonest_end)
    past = [card for card in cards if not card.is_live]
    return Overview(live, past)


def lease_card(user: Any, lease: Lease, today: date) -> LeaseCard:
    """One lease with its requests; the waived amounts are left out."""
    requests = list(extension_requests_for(user).filter(lease=lease))
    return LeaseCard(lease, today, Waived(), requests, policy_on(today).term_months)


def _soonest_end(card: LeaseCard) -> tuple[bool, date, int]:
    """Rooms that are lived in come before those that are promised."""
    return not card.has_begun, card.lease.last_day or date.max, card.lease.pk
