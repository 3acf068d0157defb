"""500 random histories of leases on several real connections at once: offers, signatures, extensions, moves, swaps, early
ends, notices, terminations, stays after the end, changes of rate and steps of the clock, up to three of them at the same
moment and often about the same lease.

Whatever order they come in: every refusal is one in words; no day on which a space has two live leases; the waived sums are
those of a count day by day; every history is a chain without a gap that ends in the lease's state.

Hypothesis draws the histories, the same in every run. More of them: MACHINE_EXAMPLES=5000; others: MACHINE_SEED=1 with
`--hypothesis-seed=N`, and the same N draws the same ones again.
"""

import os
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count, pairwise
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from incubator.common.dbroles import Role, acting_as_system, database_role
from incubator.common.errors import DomainError
from tenants.leases import selectors, services
from tenants.leases.enums import EndingState, ExtensionState, LeaseState
from tenants.leases.models import EarlyEnd, ExtensionRequest, Holdover, Lease, LeaseContract, Rate, Space
from tenants.papers import services as papers
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.leases import FloorFactory, moment

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "500"))
CONNECTIONS = 3
SPACES, COMPANIES = 3, 3
START = date(2026, 1, 1)
ONE_DAY = timedelta(days=1)
OPEN = ("draft", "offered", "signed", "active")
NUMBERS = count(1)

# How often each act is drawn.
WEIGHTS = {
    "draft": 1,
    "offer": 2,
    "sign": 3,
    "countersign": 3,
    "revise": 1,
    "on_paper": 1,
    "extend": 1,
    "move": 1,
    "swap": 3,
    "leave": 2,
    "notice": 1,
    "take_back": 1,
    "terminate": 1,
    "rate": 2,
    "clock": 2,
    "stay": 2,
    "record": 1,
}
ACTS = [name for name, times in WEIGHTS.items() for _ in range(times)]
small = st.integers(0, 5)
one_act = st.tuples(st.sampled_from(ACTS), small, small, st.integers(0, 400))
histories = st.lists(st.lists(one_act, min_size=1, max_size=CONNECTIONS), min_size=2, max_size=6)


@dataclass
class World:
    """Three spaces and three companies of a history's own, and the day that it has reached."""

    spaces: list[Space]
    owners: list[Any]
    manager: Any
    today: date = START
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def now(self) -> Any:
        return moment(self.today.year, self.today.month, self.today.day)

    def leases(self, *states: str) -> list[Lease]:
        found = Lease.objects.filter(space__in=self.spaces, state__in=states)
        return list(found.select_related("space__building", "company").order_by("pk"))

    def pick(self, number: int, *states: str) -> Lease | None:
        found = self.leases(*states)
        return found[number % len(found)] if found else None


def _quick(template: str, content: Any, *, issued_at: Any) -> bytes:
    """What stands for the PDF here: drawing it is slow, and tried elsewhere."""
    return papers.canonical(content).encode()


def _without_waiting() -> None:
    """Commits of this connection do not wait for the disk: nothing here is about a crash."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


class Machine:
    """The people, the rooms and the connections that all histories share."""

    def __init__(self) -> None:
        self.floor = FloorFactory()
        self.owners = [founder_of(CompanyFactory()) for _ in range(COMPANIES)]
        self.manager = acting_staff("leases")
        self.threads = [ThreadPoolExecutor(1) for _ in range(CONNECTIONS)]
        for thread in self.threads:
            thread.submit(_without_waiting).result()
        _without_waiting()

    def close(self) -> None:
        for thread in self.threads:
            thread.submit(connections.close_all).result()
            thread.shutdown()

    def world(self) -> World:
        """Rooms of its own for the same companies, of whose earlier leases no day is left."""
        left = Lease.objects.exclude(period__isempty=True)
        left.update(state=LeaseState.TERMINATED, period=DateRange(empty=True))
        number = next(NUMBERS)
        spaces = Space.objects.bulk_create(
            Space(
                building=self.floor.building,
                floor=self.floor,
                code=f"{number}-{at}",
                area_m2=Decimal(f"{19 + 7 * at}.37"),
                seats=4,
            )
            for at in range(SPACES)
        )
        Rate.objects.bulk_create(
            Rate(space=space, period=DateRange(None, None), rent_krw_per_m2=8_201 + at, fee_krw_per_m2=3_407)
            for at, space in enumerate(spaces)
        )
        return World(spaces, self.owners, self.manager)

    def at_once(self, world: World, acts: list[Callable[[], Any]]) -> None:
        """Each act on a connection of its own. Anything but a refusal in words fails the history."""

        def run(act: Callable[[], Any]) -> str:
            try:
                act()
            except DomainError as refusal:
                return refusal.code if str(refusal) else "refused without a word"
            return "done"

        started = [thread.submit(run, act) for thread, act in zip(self.threads, acts, strict=False)]
        for each in started:
            world.refused[each.result(120)] += 1


def by_staff(call: Callable[..., Any], world: World, **values: Any) -> Callable[[], Any]:
    def act() -> Any:
        with acting_as_system(user_id=world.manager.pk):
            return call(actor=world.manager, now=world.now, **values)

    return act


def by_owner(call: Callable[..., Any], world: World, owner: Any, **values: Any) -> Callable[[], Any]:
    def act() -> Any:
        ids = owner.acting.company_ids
        with database_role(Role.FOUNDER, user_id=owner.pk, company_ids=ids):
            return call(actor=owner, now=world.now, **values)

    return act


def owner_of(world: World, lease: Lease) -> Any:
    return next(owner for owner in world.owners if owner.acting.scope_id == lease.company_id)


def terms(world: World, one: int, two: int, days: int) -> dict[str, Any]:
    first = world.today + timedelta(days=days % 90)
    return {
        "company": company_of(world, one),
        "space": world.spaces[two % SPACES],
        "first_day": first,
        "last_day": first + timedelta(days=20 + days),
        "legal_basis": "창업지원 무상임대",
    }


def company_of(world: World, number: int) -> Any:
    return world.owners[number % COMPANIES].memberships.get().company


Acts = list[Callable[[], Any]]


def acts_of(world: World, name: str, one: int, two: int, days: int) -> Acts:
    """What the drawn act comes to in this world: nothing where it finds nothing to act upon."""
    soon = world.today + timedelta(days=days % 60)
    match name:
        case "draft":
            return [by_staff(services.draft_lease, world, **terms(world, one, two, days))]
        case "record":
            return [by_staff(services.lease_space, world, **terms(world, one, two, days))]
        case "rate":
            rate = {"rent_krw_per_m2": 8_000 + days, "fee_krw_per_m2": 3_000 + two, "from_day": soon}
            return [by_staff(_set_rate, world, space=world.spaces[one % SPACES], **rate)]
        case "sign" | "countersign":
            return signing(world, name, one)
        case "stay":
            return staying(world, one)
        case "leave" | "notice" | "take_back":
            return ending(world, name, one, two, days)
        case "clock":
            world.today += timedelta(days=1 + days // 4)
            return [by_staff(services.advance_leases, world)]
    return stepping(world, name, one, two, days)


def _set_rate(*, now: Any, **values: Any) -> Any:
    return services.set_rate(**values)


def stepping(world: World, name: str, one: int, two: int, days: int) -> Acts:
    """A step of a lease in a state that allows it now, though another act may be quicker."""
    states = {"offer": ["draft"], "revise": ["draft", "offered"], "on_paper": ["offered"], "terminate": OPEN}
    lease = world.pick(one, *states.get(name, ["active"]))
    if lease is None:
        return []
    soon = world.today + timedelta(days=days % 60)
    space = world.spaces[two % SPACES]
    on = {"world": world, "lease": lease}
    match name:
        case "offer":
            return [by_staff(services.offer_lease, **on)]
        case "on_paper":
            return [by_staff(services.sign_lease, **on, reason="서면")]
        case "revise":
            last = soon + timedelta(days=40 + days)
            return [by_staff(services.revise_lease, **on, space=space, first_day=soon, last_day=last)]
        case "move":
            return [by_staff(services.move_company, **on, space=space, first_day=soon)]
        case "swap":
            return [by_staff(services.swap_companies, **on, other=world.pick(two, "active"), first_day=soon)]
        case "terminate":
            return [by_staff(services.terminate_lease, **on, last_day=soon, reason="폐업")]
        case "extend":
            return [extending(world, lease, days)]
    raise AssertionError(name)


def extending(world: World, lease: Lease, days: int) -> Callable[[], Any]:
    def act() -> None:
        with acting_as_system():
            told = {"actor": None, "now": world.now}
            until = lease.last_day + timedelta(days=1 + days)
            asked = ExtensionRequest.objects.filter(lease=lease, state=ExtensionState.OPEN).first()
            asked = asked or services.request_extension(lease=lease, until=until, reason="연구", **told)
            services.approve_extension(request=asked, **told)

    return act


def signing(world: World, name: str, number: int) -> list[Callable[[], Any]]:
    lease = world.pick(number, "offered")
    contract = lease and LeaseContract.objects.filter(lease=lease).order_by("-number").first()
    if lease is None or contract is None:
        return []
    values = {"contract": contract, "document_sha256": contract.sha256}
    if name == "countersign":
        return [by_staff(services.countersign_contract, world, typed_name=world.manager.name, **values)]
    owner = owner_of(world, lease)
    return [by_owner(services.sign_contract, world, owner, typed_name=owner.name, agreed=True, **values)]


def ending(world: World, name: str, one: int, two: int, days: int) -> list[Callable[[], Any]]:
    found = EarlyEnd.objects.filter(lease__space__in=world.spaces).select_related("lease").order_by("pk")
    if name == "take_back":
        agreed = found.filter(state=EndingState.AGREED).first()
        back = {"ending": agreed, "reason": "철회"}
        return [by_staff(services.take_back_early_end, world, **back)] if agreed else []
    lease = world.pick(one, "active", "signed")
    if lease is None:
        return []
    last = world.today + timedelta(days=days % 100)
    if name == "notice":
        return [by_staff(services.give_notice, world, lease=lease, last_day=last, reason="의무 위반")]
    asked = found.filter(lease=lease, state=EndingState.OPEN).first()
    if asked is None:
        values = {"lease": lease, "last_day": last, "reason": "이전"}
        return [by_owner(services.ask_early_end, world, owner_of(world, lease), **values)]
    if two % 3 == 0:
        return [by_staff(services.refuse_early_end, world, ending=asked, reason="의무 기간")]
    return [by_staff(services.agree_early_end, world, ending=asked)]


def staying(world: World, number: int) -> list[Callable[[], Any]]:
    there = Holdover.objects.filter(outcome="", space__in=world.spaces).select_related("lease").first()
    if there is not None:
        return [by_staff(services.resolve_holdover, world, holdover=there, outcome="left")]
    lease = world.pick(number, "ended", "terminated")
    return [by_staff(services.note_holdover, world, lease=lease, reason="장비 반출 지연")] if lease else []


# --- what must hold, counted anew without the code that is tried


def live_days(lease: Lease) -> Iterator[date]:
    day = lease.period.lower
    while not lease.period.isempty and day < lease.period.upper:
        yield day
        day += ONE_DAY


def no_day_has_two(leases: list[Lease]) -> None:
    taken: dict[tuple[int, date], int] = {}
    for lease in leases:
        if lease.state != LeaseState.DRAFT:
            for day in live_days(lease):
                assert taken.setdefault((lease.space_id, day), lease.pk) == lease.pk, (day, lease)


def waived_by_the_day(leases: list[Lease]) -> dict[int, tuple[int, int]]:
    """Rent and fee of each lease: day for day by the rate of that day, rounded half up once a calendar month."""
    rates = defaultdict(list)
    for rate in Rate.objects.all():
        rates[rate.space_id].append(rate)
    sums = {}
    for lease in leases:
        months: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
        if lease.state not in (LeaseState.DRAFT, LeaseState.OFFERED):
            for day in live_days(lease):
                (rate,) = [
                    each
                    for each in rates[lease.space_id]
                    if (each.period.lower is None or each.period.lower <= day)
                    and (each.period.upper is None or day < each.period.upper)
                ]
                months[day.year, day.month][0] += rate.rent_krw_per_m2
                months[day.year, day.month][1] += rate.fee_krw_per_m2
        area = Fraction(lease.space.area_m2)
        sums[lease.pk] = tuple(
            sum(int(area * month[at] / monthrange(*of)[1] + Fraction(1, 2)) for of, month in months.items())
            for at in (0, 1)
        )
    return sums


def history_is_whole(lease: Lease) -> None:
    steps = sorted(lease.transitions.all(), key=lambda step: step.pk)
    assert steps, lease
    assert steps[0].from_state == ""
    for before, after in pairwise(steps):
        assert after.from_state == before.to_state, [(each.step, each.to_state) for each in steps]
    assert steps[-1].to_state == lease.state
    assert steps[-1].last_day == lease.last_day
    assert all(step.step and step.at for step in steps)
    signed = [step.step for step in steps if step.to_state == "signed" and step.from_state == "offered"]
    if signed == ["countersign"]:
        newest = max(lease.contracts.all(), key=lambda contract: contract.number)
        assert {each.side for each in newest.signatures.all()} == {"company", "camp"}


def check(world: World) -> None:
    leases = list(
        Lease.objects.filter(space__in=world.spaces)
        .select_related("space")
        .prefetch_related("transitions", "contracts__signatures")
    )
    no_day_has_two(leases)
    for lease in leases:
        history_is_whole(lease)
    amounts = selectors.waived_for(leases, date(2020, 1, 1), date(2040, 1, 1))
    expected = waived_by_the_day(leases)
    assert {key: (each.rent_krw, each.fee_krw) for key, each in amounts.items()} == expected


@contextmanager
def machine() -> Iterator[Machine]:
    made = Machine()
    try:
        yield made
    finally:
        made.close()
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


@pytest.mark.long
def test_every_history_keeps_the_rules(monkeypatch):
    monkeypatch.setattr(papers, "drawn", _quick)
    seen: dict[str, int] = defaultdict(int)
    with machine() as of:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize="MACHINE_SEED" not in os.environ,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(histories)
        def run(history: list[list[tuple[str, int, int, int]]]) -> None:
            world = of.world()
            of.at_once(world, [act for at in (0, 1) for act in acts_of(world, "record", at, at, 270)])
            of.at_once(world, acts_of(world, "draft", 2, 2, 45))
            of.at_once(world, acts_of(world, "offer", 0, 0, 0))
            world.today += timedelta(days=9)
            for batch in history:
                acts = [act for drawn in batch for act in acts_of(world, *drawn)]
                of.at_once(world, acts)
            check(world)
            for code, times in world.refused.items():
                seen[code] += times

        run()
    # The histories are about something: most acts are done, and what collides is refused.
    assert seen["done"] > EXAMPLES
    assert seen["space_taken"] > 0
    assert seen["refused without a word"] == 0
