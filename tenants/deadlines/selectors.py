"""Every deadline of every company in one query, and who has been told of what."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    CharField,
    DateField,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, JSONObject, Lower

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from tenants.companies import selectors as companies
from tenants.companies.enums import LIVE_RESIDENCIES
from tenants.companies.models import Company
from tenants.compute import selectors as compute
from tenants.compute.enums import AccountKind
from tenants.leases import selectors as leases
from tenants.leases.enums import EXTENDABLE_STATES, ExtensionState, LeaseState
from tenants.leases.limits import age_limit
from tenants.leases.models import LeasePolicy
from tenants.leases.selectors import policies
from tenants.leases.terms import ask_by, last_of_term, months_before
from tenants.outcomes import selectors as outcomes
from tenants.outcomes.enums import ReportState

from .clocks import Clock
from .enums import ClockKind, DutyState, RegistrationStatus
from .models import ClockRules, Duty, DutyKind, RegistrationCheck, Reminder, ReminderOff

ONE_DAY = timedelta(days=1)


def kinds_for(user: Any) -> QuerySet[DutyKind]:
    """Staff and founders see every kind of duty, others none."""
    if acting_of(user).kind in (Kind.STAFF, Kind.FOUNDER):
        return DutyKind.objects.all()
    return DutyKind.objects.none()


def duties_for(user: Any) -> QuerySet[Duty]:
    """Staff see all duties done, founders their company's, others none."""
    acting = acting_of(user)
    found = Duty.objects.select_related("company", "kind")
    return found if acting.kind == Kind.STAFF else found.filter(company_id__in=acting.company_ids)


def checks_for(user: Any) -> QuerySet[RegistrationCheck]:
    """Staff see all looks at the business register, founders those at their company, others none."""
    acting = acting_of(user)
    found = RegistrationCheck.objects.select_related("company")
    return found if acting.kind == Kind.STAFF else found.filter(company_id__in=acting.company_ids)


def reminders_for(user: Any) -> QuerySet[Reminder]:
    """Staff see what was sent to whom; founders what their own company's people were sent; others nothing."""
    acting = acting_of(user)
    found = Reminder.objects.select_related("company", "recipient")
    if acting.kind == Kind.STAFF:
        return found
    return found.filter(company_id__in=acting.company_ids, to_camp=False)


def offs_for(user: Any) -> QuerySet[ReminderOff]:
    """What the person has switched off, nobody else's."""
    person = acting_of(user).user_id
    return ReminderOff.objects.none() if person is None else ReminderOff.objects.filter(user_id=person)


def _part(found: QuerySet, part: str, *, company: str | None, due: Any, **details: Any) -> QuerySet:
    """The columns that all parts of the one query share."""
    owner: Any = F(company) if company else Value(None)
    return found.order_by().values_list(
        Value(part, output_field=CharField()),
        Cast("pk", BigIntegerField()),
        Cast(owner, BigIntegerField()),
        Cast(F(due) if isinstance(due, str) else due, DateField()),
        JSONObject(**details),
    )


def _parts(user: Any, today: date, company_ids: Sequence[int] | None) -> Iterator[QuerySet]:
    in_force = (
        policies.policies_for(user)
        .filter(starts_on__lte=today)
        .order_by("-starts_on", "-pk")
        .values("pk")[:1]
    )
    stays = companies.residencies_for(user).filter(company=OuterRef("pk"), state__in=LIVE_RESIDENCIES)
    duties = (
        duties_for(user)
        .filter(company=OuterRef("pk"))
        .exclude(state=DutyState.REFUSED)
        .order_by()
        .values(row=JSONObject(kind="kind_id", until="valid_until", state="state"))
    )
    checks = (
        checks_for(user)
        .filter(company=OuterRef("pk"))
        .order_by("-checked_on", "-pk")
        .values(row=JSONObject(status="status", on="checked_on"))
    )
    reported = (
        outcomes.reports_for(user)
        .filter(company=OuterRef("pk"), state=ReportState.SUBMITTED)
        .order_by()
        .values("period_id")
        .distinct()
    )
    residents = companies.companies_for(user).filter(Exists(stays))
    rented = leases.leases_for(user).filter(
        state__in=[LeaseState.SIGNED, LeaseState.ACTIVE, LeaseState.TERMINATED], period__isempty=False
    )
    asked = leases.extension_requests_for(user).filter(state=ExtensionState.OPEN)
    lots = compute.accounts_for(user).filter(
        kind=AccountKind.LOT, balance_gflop__gt=0, allocation__isnull=False
    )
    if company_ids is not None:
        residents, lots = residents.filter(pk__in=company_ids), lots.filter(company_id__in=company_ids)
        rented = rented.filter(company_id__in=company_ids)
        asked = asked.filter(lease__company_id__in=company_ids)
    yield _part(
        residents,
        "company",
        company="pk",
        due="founded_on",
        name="name",
        sectors="sectors",
        since=Subquery(stays.order_by("-period").values(first=Lower("period"))[:1]),
        duties=ArraySubquery(duties),
        check=Subquery(checks[:1]),
        reported=ArraySubquery(reported),
    )
    yield _part(
        ClockRules.objects.all(),
        "rules",
        company=None,
        due=Value(None),
        recheck_months="recheck_months",
    )
    yield _part(
        policies.policies_for(user).filter(pk=Subquery(in_force)),
        "policy",
        company=None,
        due=Value(None),
        term_months="term_months",
        age_years="age_years",
        new_industry_age_years="new_industry_age_years",
        new_industries="new_industries",
    )
    yield _part(
        kinds_for(user).filter(active=True),
        "kind",
        company=None,
        due=Value(None),
        name="name",
        name_en="name_en",
        grace_days="grace_days",
        audience="audience",
        may_be_off="may_be_off",
    )
    yield _part(
        outcomes.periods_for(user).filter(closed_at=None),
        "period",
        company=None,
        due="due_on",
        name="name",
        name_en="name_en",
        ends="period__endswith",
    )
    yield _part(
        rented,
        "lease",
        company="company_id",
        due="period__endswith",
        name="company__name",
        state="state",
        first="period__startswith",
        asked=Exists(asked.filter(lease=OuterRef("pk"))),
        **_place("space"),
    )
    yield _part(
        asked,
        "decision",
        company="lease__company_id",
        due="lease__period__endswith",
        name="lease__company__name",
        **_place("lease__space"),
    )
    yield _part(
        lots,
        "lot",
        company="company_id",
        due="allocation__period__endswith",
        name="company__name",
        allocation="allocation__pk",
        programme="allocation__programme",
        gflop="balance_gflop",
    )


def _place(space: str) -> dict[str, str]:
    return {
        "building": f"{space}__building__name",
        "building_en": f"{space}__building__name_en",
        "code": f"{space}__code",
        "kind": f"{space}__kind",
    }


class _Facts:
    """The rows of the one query, sorted by part; makes the clocks of them."""

    def __init__(self, rows: Sequence[tuple[str, int, int | None, date | None, dict[str, Any]]], today: date):
        self.today = today
        self.by_part: dict[str, list[Any]] = {}
        for part, *row in rows:
            self.by_part.setdefault(part, []).append(row)
        self.recheck_months: int = self.of("rules")[0][3]["recheck_months"]
        self.policy = LeasePolicy(**self.of("policy")[0][3])

    def of(self, part: str) -> list[Any]:
        return self.by_part.get(part, [])

    def clocks(self) -> Iterator[Clock]:
        for pk, _company, founded, facts in self.of("company"):
            yield from self._of_company(pk, founded, facts)
        for pk, company, end, facts in self.of("lease"):
            yield from self._of_lease(pk, company, end - ONE_DAY, facts)
        for pk, company, end, facts in self.of("decision"):
            yield Clock(ClockKind.EXTENSION_DECISION, pk, company, facts["name"], end - ONE_DAY, facts)
        for _pk, company, end, facts in self.of("lot"):
            yield Clock(ClockKind.CREDITS, facts["allocation"], company, facts["name"], end - ONE_DAY, facts)

    def _of_company(self, pk: int, founded: date | None, facts: dict[str, Any]) -> Iterator[Clock]:
        name, since = facts["name"], date.fromisoformat(facts["since"])
        allowed = age_limit(Company(founded_on=founded, sectors=facts["sectors"]), self.policy)
        if allowed is not None:
            years, limit = allowed
            yield Clock(ClockKind.AGE_LIMIT, pk, pk, name, limit, {"years": years})
        for kind_id, _company, _due, kind in self.of("kind"):
            yield self._of_duty(pk, name, since, kind_id, kind, facts["duties"])
        yield self._of_registration(pk, name, since, facts["check"])
        for period_id, _company, due, period in self.of("period"):
            # Who came after the period was over has nothing to report on it.
            if period_id not in facts["reported"] and since.isoformat() < period["ends"]:
                yield Clock(ClockKind.REPORT, period_id, pk, name, due, period)

    def _of_duty(
        self, pk: int, name: str, since: date, kind_id: int, kind: dict[str, Any], done: list[dict[str, Any]]
    ) -> Clock:
        own = [each for each in done if each["kind"] == kind_id]
        until = [each["until"] for each in own if each["state"] == DutyState.CONFIRMED]
        due = date.fromisoformat(max(until)) if until else since + timedelta(days=kind["grace_days"])
        waiting = any(each["state"] == DutyState.SUBMITTED for each in own)
        return Clock(ClockKind.DUTY, kind_id, pk, name, due, {**kind, "had": bool(until), "waiting": waiting})

    def _of_registration(self, pk: int, name: str, since: date, check: dict[str, Any] | None) -> Clock:
        status = check["status"] if check else ""
        seen = date.fromisoformat(check["on"]) if check else since
        due = months_before(seen, -self.recheck_months)
        if status not in ("", RegistrationStatus.ACTIVE):
            due = seen
        return Clock(ClockKind.REGISTRATION, pk, pk, name, due, {"status": status})

    def _of_lease(self, pk: int, company: int, last: date, facts: dict[str, Any]) -> Iterator[Clock]:
        name = facts["name"]
        if facts["state"] == LeaseState.TERMINATED and last < self.today:
            return
        yield Clock(ClockKind.LEASE_END, pk, company, name, last, facts)
        by = ask_by(last)
        longest = last_of_term(date.fromisoformat(facts["first"]), self.policy.term_months)
        askable = facts["state"] in EXTENDABLE_STATES and not facts["asked"] and last < longest
        if askable and by >= self.today:
            yield Clock(ClockKind.EXTENSION_ASK, pk, company, name, by, facts)


def clocks_for(user: Any, today: date, company_ids: Sequence[int] | None = None) -> list[Clock]:
    """Every deadline that the person may see, what comes first first, in one query.

    Staff see all companies' (or only those of `company_ids`), founders their own company's but for what only the camp office
    looks up.
    """
    acting = acting_of(user)
    if acting.kind not in (Kind.STAFF, Kind.FOUNDER):
        return []
    parts: list[Any] = list(_parts(user, today, company_ids))
    first, *others = parts
    rows = list(first.union(*others, all=True))
    found = _Facts(rows, today).clocks()
    if acting.kind == Kind.FOUNDER:
        found = (each for each in found if each.kind != ClockKind.REGISTRATION)
    return sorted(found, key=lambda each: each.order)
