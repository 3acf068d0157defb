"""One digest a person and day of what comes near, each stage of each clock once.

What is written down here is the promise: the reminders and the mail that carries them are rows of one transaction, unique in the
database. The mail itself goes out through the outbox (incubator.mailing), at most once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.accounts.models import User
from incubator.common.errors import NotAllowed, refusing
from incubator.mailing.errors import WrittenBefore
from incubator.mailing.services import write_mail
from tenants.companies.models import Company, Membership
from tenants.deadlines import selectors
from tenants.deadlines.clocks import CAMP, OWNERS, Clock
from tenants.deadlines.errors import ToldAlready
from tenants.deadlines.models import Reminder, ReminderOff
from tenants.deadlines.planning import STAGES, Plan, plan
from tenants.deadlines.rules import may_manage_deadlines

TOPIC = "deadlines"
ONCE = "deadlines_reminder_once"


@dataclass(frozen=True)
class Reader:
    """Somebody who is reminded: a person, in the company's name or the camp's; or a company without people, by its own
    address."""

    user: User | None
    company: Company | None = None

    @property
    def key(self) -> str:
        return str(self.user.pk) if self.user else f"company-{self.company.pk if self.company else 0}"

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None


@dataclass(frozen=True)
class Item:
    """One line of a digest."""

    clock: Clock
    plan: Plan
    to_camp: bool
    days_left: int


@dataclass(frozen=True)
class Run:
    """What a run did: how many digests it wrote, of how many reminders, and how many people another run told first."""

    digests: int = 0
    reminders: int = 0
    left_to_others: int = 0


@transaction.atomic
def remind(*, actor: Any, now: datetime) -> Run:
    """Write the digests of the day and queue them. However often, late or at once this runs, each stage of a clock reaches
    a person once, and after a gap only the nearest stage does. Raises NotAllowed."""
    if not may_manage_deadlines(actor):
        raise NotAllowed
    today = timezone.localdate(now)
    near = [
        clock
        for clock in selectors.clocks_for(None, today)
        if clock.audience and clock.days_left(today) <= STAGES[0]
    ]
    digests = reminders = others = 0
    for reader, items in sorted(_planned(near, today).items(), key=lambda pair: pair[0].key):
        items.sort(key=lambda item: item.clock.order)
        try:
            _tell(reader, items, today, now)
        except (WrittenBefore, ToldAlready):
            others += 1
            continue
        digests, reminders = digests + 1, reminders + len(items)
    return Run(digests, reminders, others)


def _planned(clocks: Sequence[Clock], today: date) -> dict[Reader, list[Item]]:
    readers = _Readers(clocks)
    noted = _noted(clocks)
    found: dict[Reader, list[Item]] = defaultdict(list)
    for clock in clocks:
        days_left = clock.days_left(today)
        for reader, to_camp in readers.of(clock):
            planned = plan(days_left, noted[*clock.key, reader.user_id])
            if planned.send is not None:
                found[reader].append(Item(clock, planned, to_camp, days_left))
    return found


def _noted(clocks: Sequence[Clock]) -> dict[tuple[Any, ...], set[int]]:
    """The stages that are written down, by clock and recipient."""
    found: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    rows = Reminder.objects.filter(due_on__in={clock.due for clock in clocks}).values_list(
        "kind", "object_id", "company_id", "due_on", "recipient_id", "stage"
    )
    for *key, stage in rows:
        found[tuple(key)].add(stage)
    return found


class _Readers:
    """Who is told of what: read once a run, in four queries."""

    def __init__(self, clocks: Sequence[Clock]):
        ids = {clock.company_id for clock in clocks}
        self.companies = {each.pk: each for each in Company.objects.filter(pk__in=ids)}
        self.members: dict[int, list[Membership]] = defaultdict(list)
        for member in (
            Membership.objects.filter(company_id__in=ids, user__is_active=True)
            .select_related("user")
            .order_by("pk")
        ):
            self.members[member.company_id].append(member)
        self.off = set(ReminderOff.objects.values_list("user_id", "kind", "object_id"))
        self.camp = self._camp()

    @staticmethod
    def _camp() -> list[User]:
        """The managers of leases; while there is none, the directors."""
        active = User.objects.filter(
            is_active=True, staff_memberships__group__in=[StaffGroup.LEASES, StaffGroup.DIRECTOR]
        )
        rows = list(active.order_by("pk").values_list("pk", "staff_memberships__group"))
        people = {user.pk: user for user in active}
        for group in (StaffGroup.LEASES, StaffGroup.DIRECTOR):
            if chosen := [people[pk] for pk, of in rows if of == group]:
                return chosen
        return []

    def of(self, clock: Clock) -> Iterator[tuple[Reader, bool]]:
        """Each person once, also who is of the company and of the camp."""
        told: set[int | None] = set()
        for audience in clock.audience:
            to_camp = audience == CAMP
            for reader in self._camp_readers() if to_camp else self._company(clock, audience):
                if reader.user_id in told or self._is_off(reader, clock):
                    continue
                told.add(reader.user_id)
                yield reader, to_camp

    def _camp_readers(self) -> Iterable[Reader]:
        return [Reader(user) for user in self.camp]

    def _company(self, clock: Clock, audience: str) -> Iterable[Reader]:
        members = self.members[clock.company_id]
        owners = [each for each in members if each.level == "owner"]
        chosen = owners or members if audience == OWNERS else members
        if not chosen:
            return [Reader(None, self.companies[clock.company_id])]
        return [Reader(each.user) for each in chosen]

    def _is_off(self, reader: Reader, clock: Clock) -> bool:
        return clock.may_be_off and (reader.user_id, *clock.off_key) in self.off


def _tell(reader: Reader, items: Sequence[Item], today: date, now: datetime) -> None:
    """Write one digest and its reminders, or neither. Raises WrittenBefore (the person has had today's digest: what is new
    waits for tomorrow's) and ToldAlready."""
    with refusing({ONCE: ToldAlready}):
        mail = write_mail(
            topic=TOPIC,
            key=f"{TOPIC}/{reader.key}/{today:%Y-%m-%d}",
            user=reader.user,
            address=reader.user.email if reader.user else reader.company.email if reader.company else "",
            template="deadlines",
            context={
                "items": items,
                "today": today,
                "name": reader.user.name if reader.user else reader.company.name if reader.company else "",
                "to_camp": any(item.to_camp for item in items),
                "companies": len({item.clock.company_id for item in items}),
            },
            now=now,
        )
        Reminder.objects.bulk_create(_rows(reader, items, mail, now))


def _rows(reader: Reader, items: Sequence[Item], mail: Any, now: datetime) -> Iterator[Reminder]:
    for item in items:
        clock = item.clock
        for stage in (item.plan.send, *item.plan.superseded):
            assert stage is not None
            superseded = stage != item.plan.send
            yield Reminder(
                kind=clock.kind,
                object_id=clock.object_id,
                company_id=clock.company_id,
                label=f"{clock.title} {clock.label}".strip()[:200],
                due_on=clock.due,
                stage=stage,
                recipient=reader.user,
                to_camp=item.to_camp,
                planned_on=clock.due - timedelta(days=stage),
                made_at=now,
                superseded=superseded,
                digest=None if superseded else mail,
            )
