"""The managers' inbox: what waits for a decision, by rule, each rule for the staff groups that decide it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import StaffGroup
from incubator.common.display import day, dday, number
from incubator.common.waiting import Waiting, read
from tenants.leases.occupancy import Shortfall

from . import things
from .rules import RULES, Rule

__all__ = ["RULES", "Entry", "Inbox", "Sort", "inbox_of", "rules_of", "with_shortfall"]

SHOWN = 30
LATE_DAYS = 7
NEAR_END_DAYS = 30
_BY_KIND = {rule.kind: rule for rule in RULES}


def rules_of(user: Any) -> list[Rule]:
    """The rules that concern the person's staff groups."""
    acting = acting_of(user)
    return [rule for rule in RULES if things.sees_all(acting) or acting.groups & set(rule.groups)]


@dataclass(frozen=True)
class Entry:
    """One line of the inbox. `days` is the how-manieth day it waits, `age` that in words, or the days to a deadline;
    `mark` a kind of state."""

    kind: str
    object_id: int
    title: str
    note: str
    days: int
    age: str
    mark: str
    url: str
    action: str
    is_deadline: bool = False


@dataclass(frozen=True)
class Sort:
    """How many of one kind wait, and where all of them are."""

    name: str
    count: int
    url: str

    @property
    def shown(self) -> str:
        return number(self.count)


@dataclass(frozen=True)
class Inbox:
    """What waits for a person's decision: the first entries, what waits longest first, and how many of each kind."""

    entries: Sequence[Entry]
    sorts: Sequence[Sort]

    @property
    def total(self) -> int:
        return sum(each.count for each in self.sorts)

    @property
    def hidden(self) -> int:
        return self.total - len(self.entries)

    @property
    def oldest_days(self) -> int:
        """How long the oldest waits that no deadline decides."""
        return max((entry.days for entry in self.entries if not entry.is_deadline), default=0)


def inbox_of(user: Any, now: datetime, today: date) -> Inbox:
    """What waits for the person's staff groups, in one query."""
    found = read(rule.things(user, now, today) for rule in rules_of(user))
    totals = {each.kind: each.total for each in found}
    sorts = [Sort(str(rule.name), totals[rule.kind], _listed(rule)) for rule in RULES if rule.kind in totals]
    return Inbox([_entry(each, today) for each in found[:SHOWN]], sorts)


def with_shortfall(inbox: Inbox, user: Any, shortfall: Shortfall | None, today: date) -> Inbox:
    """The inbox with the warning that too little of the area is or will be let, first of all, for who decides on leases."""
    acting = acting_of(user)
    if shortfall is None or not (things.sees_all(acting) or StaffGroup.LEASES in acting.groups):
        return inbox
    begun = shortfall.first <= today
    title = (
        _("Less than 60%% of the area is let since %(day)s")
        if begun
        else _("From %(day)s less than 60%% of the area would be let")
    )
    entry = Entry(
        kind="shortfall",
        object_id=0,
        title=title % {"day": day(shortfall.first)},
        note=_("Three months of it, a legal warning sign, are complete on %(day)s")
        % {"day": day(shortfall.sign_on)},
        days=(today - shortfall.first).days + 1 if begun else 1,
        age=dday(shortfall.sign_on, today),
        mark="attention",
        url=reverse("reporting:occupancy"),
        action=_("See the occupancy"),
        is_deadline=True,
    )
    sort = Sort(_("Occupancy too low"), 1, entry.url)
    return Inbox([entry, *inbox.entries], [sort, *inbox.sorts])


def _listed(rule: Rule) -> str:
    url = reverse(f"admin:{rule.page}_changelist")
    return f"{url}?{rule.query}" if rule.query else url


def _entry(of: Waiting, today: date) -> Entry:
    rule = _BY_KIND[of.kind]
    return Entry(
        kind=of.kind,
        object_id=of.object_id,
        title=str(rule.title) % {"label": of.label},
        note=rule.note(of),
        days=of.day(today),
        age=_age(rule, of, today),
        mark="attention" if rule.alarm or _is_late(of, today) else "waiting",
        url=reverse(f"admin:{rule.page}_change", args=[of.object_id]),
        action=str(rule.action),
        is_deadline=rule.deadline,
    )


def _age(rule: Rule, of: Waiting, today: date) -> str:
    days = of.day(today)
    if rule.deadline:
        return dday(of.due, today)
    return _("since today") if days == 1 else _("day %(days)s") % {"days": days}


def _is_late(of: Waiting, today: date) -> bool:
    if of.kind == "ending_lease":
        return of.due is not None and (of.due - today).days <= NEAR_END_DAYS
    if of.kind == "request":
        return of.due is not None and of.due < today
    return of.day(today) > LATE_DAYS
