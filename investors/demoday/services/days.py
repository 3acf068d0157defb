"""Planning a day: its times, who takes part, and when wishes are collected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator.common.errors import NotAllowed, validate
from investors.demoday import rules
from investors.demoday.enums import DayState, PlanState, Side
from investors.demoday.errors import (
    AbsentAllDay,
    BadLimits,
    ClosingMissing,
    DayClosed,
    DayFixed,
    HasMeetings,
    MayNotTakePart,
    NobodyTakesPart,
    NoTables,
    ReasonMissing,
    TableInUse,
    UnknownSlots,
)
from investors.demoday.limits import barred, companies_that_may, firms_that_may
from investors.demoday.models import DayCompany, DayFirm, DemoDay, Meeting

FIELDS = (
    "title",
    "title_en",
    "place",
    "day",
    "starts",
    "minutes",
    "slot_count",
    "breaks",
    "break_minutes",
    "table_count",
    "in_a_row",
    "ranking_closes_at",
)
# What may still change once wishes are collected: nobody's slots move by it.
_ALWAYS = {"title", "title_en", "place", "ranking_closes_at", "in_a_row", "table_count"}


def demand_planner(actor: Any) -> None:
    if not rules.may_plan(actor):
        raise NotAllowed


def locked_day(day: DemoDay) -> DemoDay:
    """The row, locked until the transaction ends: all that changes a day's timetable goes through it, one after the other."""
    return DemoDay.objects.select_for_update(of=("self",)).get(pk=day.pk)


def demand_open(day: DemoDay) -> None:
    if day.state in (DayState.OVER, DayState.CALLED_OFF):
        raise DayClosed


@transaction.atomic
def plan_day(*, actor: Any, **values: Any) -> DemoDay:
    """A new day out of FIELDS. Raises NotAllowed, Invalid, UnknownSlots, ClosingMissing."""
    demand_planner(actor)
    day = DemoDay(made_by=actor if getattr(actor, "pk", None) else None)
    _set(day, values)
    day.save()
    return day


@transaction.atomic
def change_day(*, day: DemoDay, actor: Any, **values: Any) -> DemoDay:
    """Change fields out of FIELDS; once wishes are collected the times stand. Raises NotAllowed, DayClosed, DayFixed,
    TableInUse, Invalid, UnknownSlots, ClosingMissing."""
    demand_planner(actor)
    day = locked_day(day)
    demand_open(day)
    changed = {key for key, value in values.items() if getattr(day, key) != value}
    if day.state != DayState.DRAFT and changed - _ALWAYS:
        raise DayFixed
    _set(day, values)
    held = Meeting.objects.held().filter(plan__day=day, plan__state=PlanState.PUBLISHED)
    last = held.filter(table__gt=day.table_count).order_by("-table").first()
    if last is not None:
        raise TableInUse(table=last.table)
    day.save()
    return day


def _set(day: DemoDay, values: Mapping[str, Any]) -> None:
    if unknown := values.keys() - set(FIELDS):
        raise ValueError(f"not editable here: {', '.join(sorted(unknown))}")
    for key, value in values.items():
        setattr(day, key, value)
    day.breaks = sorted(set(day.breaks or []))
    validate(day)
    if any(not 1 <= number < day.slot_count for number in day.breaks):
        raise UnknownSlots(field="breaks", most=day.slot_count - 1)
    closes = day.ranking_closes_at
    if (closes is None and day.state != DayState.DRAFT) or (
        closes is not None and closes > day.slots[0].starts
    ):
        raise ClosingMissing


@dataclass(frozen=True)
class Taking:
    """One company or firm that takes part; `minimum` is a company's only."""

    id: int
    maximum: int | None = None
    minimum: int = 0
    absent: tuple[int, ...] = field(default=())


@transaction.atomic
def set_participants(*, day: DemoDay, side: Side, taking: Iterable[Taking], actor: Any, now: datetime) -> int:
    """Make the companies, or the firms, that take part exactly these; how many do. Their wishes stay where they stay.

    Raises NotAllowed, DayClosed, MayNotTakePart, UnknownSlots, AbsentAllDay,
    BadLimits, HasMeetings.
    """
    demand_planner(actor)
    day = locked_day(day)
    demand_open(day)
    may: Mapping[int, Any] = (
        companies_that_may(timezone.localdate(now)) if side == Side.COMPANY else firms_that_may()
    )
    model: Any = DayCompany if side == Side.COMPANY else DayFirm
    key = f"{side}_id"
    there = {getattr(each, key): each for each in model.objects.filter(day=day)}
    wanted = {each.id: each for each in taking}
    for pk, each in wanted.items():
        if pk not in may and pk not in there:
            why = (
                _("it is not in residence, or has not agreed to be seen by investors.")
                if side == Side.COMPANY
                else _("it is not active, or has not said what it looks for.")
            )
            raise MayNotTakePart(name=pk, why=why)
        _demand_sense(day, each, str(may.get(pk, pk)))
    gone = [pk for pk in there if pk not in wanted]
    meets = Meeting.objects.held().filter(plan__day=day, plan__state=PlanState.PUBLISHED)
    if still := meets.filter(**{f"{key}__in": gone}).select_related(str(side)).first():
        raise HasMeetings(name=getattr(still, side))
    day.rankings.filter(**{f"{key}__in": gone}).delete()
    model.objects.filter(day=day, **{f"{key}__in": gone}).delete()
    for pk, each in wanted.items():
        row = there.get(pk) or model(day=day, **{key: pk})
        row.maximum, row.absent = each.maximum, list(each.absent)
        if side == Side.COMPANY:
            row.minimum = each.minimum
        row.save()
    _note_apart(day, now)
    return len(wanted)


def _note_apart(day: DemoDay, now: datetime) -> None:
    """Keep with each company the firms that it may not meet."""
    rows = list(day.companies.all())
    firms = sorted(day.firms.values_list("firm_id", flat=True))
    bars = barred(timezone.localdate(now), [each.company_id for each in rows], firms)
    for each in rows:
        apart = [firm for firm in firms if (each.company_id, firm) in bars]
        if apart != each.kept_apart:
            each.kept_apart = apart
            each.save(update_fields=["kept_apart", "updated_at"])


def _demand_sense(day: DemoDay, each: Taking, name: str) -> None:
    if any(not 1 <= number <= day.slot_count for number in each.absent):
        raise UnknownSlots(most=day.slot_count)
    if len(set(each.absent)) == day.slot_count:
        raise AbsentAllDay(name=name)
    if each.maximum is not None and each.minimum > each.maximum:
        raise BadLimits(name=name, minimum=each.minimum, maximum=each.maximum)


@transaction.atomic
def open_ranking(*, day: DemoDay, actor: Any, now: datetime) -> DemoDay:
    """Let the companies say whom they want to meet. Raises NotAllowed, DayClosed, ClosingMissing, NobodyTakesPart, NoTables."""
    demand_planner(actor)
    day = locked_day(day)
    if day.state != DayState.DRAFT:
        raise DayClosed
    if day.ranking_closes_at is None or day.ranking_closes_at <= now:
        raise ClosingMissing
    if not day.companies.exists() or not day.firms.exists():
        raise NobodyTakesPart
    if not day.table_count:
        raise NoTables
    _note_apart(day, now)
    day.state = DayState.RANKING
    day.save()
    return day


@transaction.atomic
def call_off_day(*, day: DemoDay, reason: str, actor: Any, now: datetime) -> DemoDay:
    """The day does not take place; everybody with a meeting is told. Raises NotAllowed, ReasonMissing, DayClosed."""
    from .mails import tell_called_off

    demand_planner(actor)
    if not reason.strip():
        raise ReasonMissing
    day = locked_day(day)
    demand_open(day)
    published = day.state == DayState.PUBLISHED
    day.state, day.called_off_reason = DayState.CALLED_OFF, reason.strip()[:400]
    day.save()
    if published:
        tell_called_off(day=day, now=now)
    return day


@transaction.atomic
def close_day(*, day: DemoDay, actor: Any) -> DemoDay:
    """The day is over: the timetable stands, verdicts may still be recorded. Raises NotAllowed, DayClosed."""
    demand_planner(actor)
    day = locked_day(day)
    if day.state != DayState.PUBLISHED:
        raise DayClosed
    day.state = DayState.OVER
    day.save()
    return day
