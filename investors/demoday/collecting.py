"""From what is written down to the problem that is solved: who takes part, who wishes whom, who never meets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from incubator.optimise.redirection import with_redirections
from incubator.optimise.timetable_types import (
    MAX_SPARE,
    Company,
    Day,
    Host,
    Id,
    Lock,
    Slot,
    Table,
    Wish,
    worth_of_ranks,
)
from investors.matching.enums import RunState
from investors.matching.models import Match, MatchRun

from .enums import Bar, PlanState, Side
from .errors import AbsentAllDay, LockBroken, NobodyTakesPart, NoPairAllowed, NoTables, TooManyLocks
from .limits import Pair, barred, companies_that_may, firms_that_may
from .models import DayCompany, DayFirm, DemoDay, Meeting, Ranking

# How many of the best matches count as wishes of whoever gave no order.
FROM_MATCHES = 8
_FULL = 10_000


@dataclass(frozen=True)
class Collected:
    """The day for the solver, who was left out of it, and the pairs that never meet, with the reason of each."""

    day: Day
    left_out: list[list[Any]]
    bars: Mapping[Pair, str]


def collect(demo_day: DemoDay, today: date) -> Collected:
    """Read in a constant number of queries. Raises what makes no day: NobodyTakesPart, NoTables, AbsentAllDay,
    NoPairAllowed, TooManyLocks, LockBroken."""
    companies, firms, left_out = _taking_part(demo_day, today)
    if not companies or not firms:
        raise NobodyTakesPart
    if not demo_day.table_count:
        raise NoTables
    slots = demo_day.slots
    for name, absent in (
        *((each.company.name, each.absent) for each in companies.values()),
        *((each.firm.name, each.absent) for each in firms.values()),
    ):
        if len({number for number in absent if number <= len(slots)}) >= len(slots):
            raise AbsentAllDay(name=name)
    bars = dict(barred(today, companies, firms))
    ranks, vetoes = _ranks(demo_day, companies, firms)
    bars |= dict.fromkeys(vetoes, Bar.VETO.value)
    scores = pair_scores()
    _from_matches(ranks, scores, companies, firms, bars)
    wishes, refused = _wishes(ranks, bars)
    left_out += refused
    locked = _locked(demo_day, companies, firms, bars)
    wished = {(wish.company, wish.host) for wish in wishes}
    # What a manager holds in its place takes place, whoever wished for it.
    wishes += [
        Wish(each.company, each.host, 20) for each in locked if (each.company, each.host) not in wished
    ]
    if all((company, firm) in bars for company in companies for firm in firms):
        raise NoPairAllowed
    day = Day(
        slots=tuple(Slot(slot.number, slot.block) for slot in slots),
        companies=tuple(
            Company(
                pk,
                len(slots) if each.maximum is None else each.maximum,
                each.minimum,
                frozenset(each.absent) & {slot.number for slot in slots},
            )
            for pk, each in sorted(companies.items())
        ),
        hosts=tuple(
            Host(
                pk,
                len(slots) if each.maximum is None else each.maximum,
                frozenset(each.absent) & {slot.number for slot in slots},
            )
            for pk, each in sorted(firms.items())
        ),
        tables=tuple(Table(number) for number in demo_day.tables),
        wishes=tuple(sorted(wishes, key=lambda wish: (wish.company, wish.host))),
        locked=tuple(locked),
        in_a_row=demo_day.in_a_row,
    )
    _check_locks(day, companies, firms)
    fit: dict[tuple[Id, Id], int] = {
        pair: max(1, score * MAX_SPARE // _FULL)
        for pair, score in scores.items()
        if pair[0] in companies and pair[1] in firms and pair not in bars
    }
    return Collected(with_redirections(day, fit), left_out, bars)


def _taking_part(
    demo_day: DemoDay, today: date
) -> tuple[dict[int, DayCompany], dict[int, DayFirm], list[list[Any]]]:
    """Both sides by id, without those that may not take part any more."""
    seen, active = companies_that_may(today), firms_that_may()
    companies = {each.company_id: each for each in demo_day.companies.select_related("company")}
    firms = {each.firm_id: each for each in demo_day.firms.select_related("firm")}
    left_out: list[list[Any]] = [["company", pk, "not_seen"] for pk in sorted(companies) if pk not in seen]
    left_out += [["firm", pk, "not_active"] for pk in sorted(firms) if pk not in active]
    return (
        {pk: each for pk, each in companies.items() if pk in seen},
        {pk: each for pk, each in firms.items() if pk in active},
        left_out,
    )


Ranks = dict[Side, dict[int, dict[int, int]]]


def _ranks(
    demo_day: DemoDay, companies: Mapping[int, Any], firms: Mapping[int, Any]
) -> tuple[Ranks, set[Pair]]:
    """The order that each side gave, by its own id and the other's, and the pairs in which one refuses the other."""
    ranks: Ranks = {Side.COMPANY: defaultdict(dict), Side.FIRM: defaultdict(dict)}
    vetoes: set[Pair] = set()
    rows = Ranking.objects.filter(day=demo_day).values_list("side", "company_id", "firm_id", "rank", "veto")
    for side, company, firm, rank, veto in rows:
        if company not in companies or firm not in firms:
            continue
        ours, theirs = (company, firm) if side == Side.COMPANY else (firm, company)
        given = ranks[Side(side)][ours]
        if veto:
            vetoes.add((company, firm))
        elif rank is not None:
            given[theirs] = rank
    return ranks, vetoes


def pair_scores() -> dict[Pair, int]:
    """The score of every pair of the published matching run that may be matched, 1/10,000; empty without one."""
    run = MatchRun.objects.filter(state=RunState.PUBLISHED).first()
    if run is None:
        return {}
    dismissed = set(
        Match.objects.filter(run=run, state="dismissed").values_list("company_id", "firm_id").order_by()
    )
    found = {
        (company, firm): score
        for company, firm, score, conflicts, *_more in run.problem.get("pairs", ())
        if not conflicts and (company, firm) not in dismissed
    }
    if not found:
        shown = Match.objects.filter(run=run, published=True).order_by()
        found = {(each.company_id, each.firm_id): each.score for each in shown}
    return found


def _from_matches(
    ranks: Ranks,
    scores: Mapping[Pair, int],
    companies: Iterable[int],
    firms: Iterable[int],
    bars: Mapping[Pair, str],
) -> None:
    """Whoever gave no order has that of the match scores."""
    best: dict[tuple[Side, int], list[tuple[int, int]]] = defaultdict(list)
    known = {Side.COMPANY: set(companies), Side.FIRM: set(firms)}
    for (company, firm), score in scores.items():
        if company in known[Side.COMPANY] and firm in known[Side.FIRM] and (company, firm) not in bars:
            best[Side.COMPANY, company].append((-score, firm))
            best[Side.FIRM, firm].append((-score, company))
    for side, everyone in known.items():
        for ours in everyone:
            if not ranks[side].get(ours):
                order = sorted(best[side, ours])[:FROM_MATCHES]
                ranks[side][ours] = {theirs: at for at, (_score, theirs) in enumerate(order, 1)}


def _wishes(ranks: Ranks, bars: Mapping[Pair, str]) -> tuple[list[Wish], list[list[Any]]]:
    """The wishes, and those that can be none: ["pair", [company, firm], why]."""
    given: dict[Pair, dict[Side, int]] = defaultdict(dict)
    for company, theirs in ranks[Side.COMPANY].items():
        for firm, rank in theirs.items():
            given[company, firm][Side.COMPANY] = rank
    for firm, theirs in ranks[Side.FIRM].items():
        for company, rank in theirs.items():
            given[company, firm][Side.FIRM] = rank
    wishes = [
        Wish(company, firm, worth_of_ranks(each.get(Side.COMPANY), each.get(Side.FIRM)))
        for (company, firm), each in given.items()
        if (company, firm) not in bars
    ]
    return wishes, [["pair", list(pair), bars[pair]] for pair in sorted(given) if pair in bars]


def _locked(
    demo_day: DemoDay, companies: Mapping[int, Any], firms: Mapping[int, Any], bars: Mapping[Pair, str]
) -> list[Lock]:
    """What a manager holds in its place, in the newest version."""
    newest = demo_day.plans.exclude(state=PlanState.REPLACED).order_by("-number").first()
    held = Meeting.objects.filter(plan=newest, locked=True).select_related("company", "firm")
    locks = []
    for each in held if newest else ():
        if each.company_id not in companies or each.firm_id not in firms:
            raise LockBroken(name=str(each), why=gettext("one of them does not take part any more."))
        if (each.company_id, each.firm_id) in bars:
            raise LockBroken(name=str(each), why=f"{Bar(bars[each.company_id, each.firm_id]).label}.")
        absent = {*companies[each.company_id].absent, *firms[each.firm_id].absent}
        if each.slot in absent or each.slot > demo_day.slot_count:
            raise LockBroken(name=str(each), why=gettext("one of them is not there in that slot."))
        locks.append(Lock(each.company_id, each.firm_id, each.slot))
    return sorted(locks, key=lambda lock: (lock.company, lock.host))


def _check_locks(day: Day, companies: Mapping[int, Any], firms: Mapping[int, Any]) -> None:
    """More held meetings than places, of anybody or at any time, in words."""
    at: dict[int, int] = defaultdict(int)
    for lock in day.locked:
        at[int(lock.slot)] += 1
    for slot, count in at.items():
        if count > len(day.tables):
            raise TooManyLocks(
                name=gettext("Slot %(slot)s") % {"slot": slot}, locks=count, places=len(day.tables)
            )
    for side, everyone, named in (
        ("company", day.companies, {pk: each.company.name for pk, each in companies.items()}),
        ("host", day.hosts, {pk: each.firm.name for pk, each in firms.items()}),
    ):
        for each in everyone:
            held = sum(getattr(lock, side) == each.id for lock in day.locked)
            places = min(each.maximum, len(day.slots) - len(each.absent))
            if held > places:
                raise TooManyLocks(name=named[int(each.id)], locks=held, places=places)
