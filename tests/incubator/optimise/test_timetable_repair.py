"""Repairs against brute force on small days, and against their checker on full ones."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incubator.optimise.timetable import arrange
from incubator.optimise.timetable_check import check_repair
from incubator.optimise.timetable_repair import Absence, Cancelled, Change, Dropped, repair
from incubator.optimise.timetable_types import Day, Id, Table, Timetable, TimetableError
from tests.incubator.optimise.days import every_timetable, small_days
from tests.performance.days import demo_day, mentor_day, upset

FEW_STEPS = 2_000


@st.composite
def upset_days(draw: st.DrawFn) -> tuple[Day, list[Change]]:
    day = draw(small_days())
    names = [slot.id for slot in day.slots]
    people = [("company", each.id) for each in day.companies]
    people += [("host", each.id) for each in day.hosts]
    changes: list[Change] = []
    for _change in range(draw(st.integers(1, 2))):
        if people:
            side, identity = draw(st.sampled_from(people))
            slots = draw(st.one_of(st.none(), st.frozensets(st.sampled_from(names), min_size=1)))
            changes.append(Absence(side, identity, slots))  # type: ignore[arg-type]
        if day.wishes and draw(st.integers(0, 3)) == 0:
            wish = draw(st.sampled_from(day.wishes))
            changes.append(Cancelled(wish.company, wish.host))
    return day, changes


@settings(max_examples=150, deadline=None)
@given(upset_days())
def test_no_repair_keeps_more_or_moves_less(case: tuple[Day, list[Change]]) -> None:
    day, changes = case
    before = arrange(day, compact_steps=FEW_STEPS)
    found = repair(day, before, changes, fill=False)
    assert check_repair(day, before, changes, found) == []
    assert found.proven
    confirmed = {(each.company, each.host): each.slot for each in before.meetings}
    best = max(
        (
            (len(slot_of), sum(confirmed[ends] == slot for ends, slot in slot_of.items()))
            for slot_of in every_timetable(found.day)
            if slot_of.keys() <= confirmed.keys()
        ),
    )
    kept = len(found.timetable.meetings)
    assert (kept, kept - len(found.moved)) == best


@settings(max_examples=60, deadline=None)
@given(upset_days())
def test_what_is_free_goes_to_unmet_wishes_and_moves_nobody(case: tuple[Day, list[Change]]) -> None:
    day, changes = case
    before = arrange(day, compact_steps=FEW_STEPS)
    plain, filled = (repair(day, before, changes, fill=fill) for fill in (False, True))
    assert check_repair(day, before, changes, filled) == []
    assert (filled.moved, filled.dropped) == (plain.moved, plain.dropped)
    times = {(each.company, each.host): each.slot for each in plain.timetable.meetings}
    assert (
        times.items() <= {(each.company, each.host): each.slot for each in filled.timetable.meetings}.items()
    )
    assert all(each.why != "not_found" or filled.timetable.gap for each in filled.timetable.unmet)


@pytest.mark.parametrize(
    ("day", "cancellations"), [(mentor_day(6), 3), (demo_day(6), 5)], ids=["mentor day", "demo day"]
)
def test_a_full_day_is_mended_with_few_moves(day: Day, cancellations: int) -> None:
    before = arrange(day, compact_steps=FEW_STEPS)
    changes = upset(day, cancellations, seed=6)
    found = repair(day, before, changes)
    assert check_repair(day, before, changes, found) == []
    assert found.proven
    assert len(found.moved) <= len(before.meetings) * 0.05
    assert found == repair(day, before, changes)


def test_what_is_over_is_never_touched_and_a_second_repair_starts_from_the_first() -> None:
    day = demo_day(8)
    before = arrange(day, compact_steps=FEW_STEPS)
    gone = [Absence("host", 3), Absence("company", 5)]
    first = repair(day, before, gone, now=8)
    assert check_repair(day, before, gone, first, now=8) == []
    late = [Absence("host", 9, frozenset(range(8, 14)))]
    second = repair(first.day, first.timetable, late, now=12)
    assert check_repair(first.day, first.timetable, late, second, now=12) == []
    early = {each for each in before.meetings if int(each.slot) < 8}
    assert early <= set(second.timetable.meetings)
    assert {(each.company, each.host) for each in early if each.host == 3}
    assert all(
        int(each.slot) < 8 for each in second.timetable.meetings if each.host == 3 or each.company == 5
    )


def test_one_meeting_called_off_moves_nobody() -> None:
    day = mentor_day(4)
    before = arrange(day, compact_steps=FEW_STEPS)
    first = before.meetings[0]
    found = repair(day, before, [Cancelled(first.company, first.host)])
    assert found.moved == ()
    assert found.dropped == (Dropped(first.company, first.host, "cancelled"),)
    assert (first.company, first.host) not in {(each.company, each.host) for each in found.added}


def test_a_lost_table_moves_its_meetings_to_others() -> None:
    day = mentor_day(4)
    before = arrange(day, compact_steps=FEW_STEPS)
    table = before.meetings[0].table
    changes = [Absence("table", table)]
    found = repair(day, before, changes)
    assert check_repair(day, before, changes, found) == []
    assert found.reseated
    assert all(each.table != table for each in found.timetable.meetings)


def test_tables_too_few_for_all_that_stood_drop_as_few_as_possible() -> None:
    day = mentor_day(4, companies=6, advisers=4, slots=3, rooms=4)
    before = arrange(day, compact_steps=FEW_STEPS)
    changes: Sequence[Change] = [Absence("table", at) for at in range(3)]
    found = repair(day, before, changes)
    assert check_repair(day, before, changes, found) == []
    assert len(found.timetable.meetings) == 3
    assert {each.why for each in found.dropped} == {"no_room_left"}


def test_a_lock_falls_with_the_person_and_stays_otherwise() -> None:
    day = mentor_day(9, companies=8, advisers=5, slots=6, rooms=5)
    before = arrange(day, compact_steps=FEW_STEPS)
    locks = before.meetings[:6]
    from incubator.optimise.timetable_types import Lock

    day = replace(day, locked=tuple(Lock(each.company, each.host, each.slot) for each in locks))
    gone = locks[0].company
    found = repair(day, before, [Absence("company", gone)])
    assert {each.company for each in found.day.locked} == {each.company for each in locks} - {gone}
    assert check_repair(day, before, [Absence("company", gone)], found) == []


@pytest.mark.parametrize(
    ("changes", "now", "place"),
    [
        ([Absence("host", "nobody")], None, "host nobody"),
        ([Absence("host", 0, frozenset(["never"]))], None, "a slot of host 0"),
        ([Cancelled("nobody", 0)], None, "meeting of nobody, 0"),
        ([], "never", "slot never"),
    ],
)
def test_changes_that_make_no_sense(changes: list[Change], now: Id | None, place: str) -> None:
    day = mentor_day(0, companies=4, advisers=6, slots=3, rooms=2)
    with pytest.raises(TimetableError) as caught:
        repair(day, arrange(day, compact_steps=0), changes, now=now)
    assert (caught.value.code, caught.value.place) == ("unknown_id", place)


def test_the_checker_sees_what_a_repair_hides() -> None:
    day = mentor_day(7)
    before = arrange(day, compact_steps=FEW_STEPS)
    changes = upset(day, 3, seed=7)
    found = repair(day, before, changes)
    kept = {(each.company, each.host) for each in found.timetable.meetings}
    stood = next(each for each in before.meetings if each in found.timetable.meetings)

    def without(timetable: Timetable) -> Timetable:
        return replace(timetable, meetings=tuple(each for each in timetable.meetings if each != stood))

    assert (stood.company, stood.host) in kept
    lost = " ".join(check_repair(day, before, changes, replace(found, timetable=without(found.timetable))))
    assert "could have stayed" in lost
    assert "is not told" in lost
    if found.added:
        assert "added" in " ".join(check_repair(day, before, changes, replace(found, added=())))
    elsewhere = next(each for each in before.meetings if each.slot == stood.slot and each != stood)
    swapped = replace(
        found.timetable,
        meetings=tuple(
            replace(each, table=elsewhere.table) if each == stood else each
            for each in found.timetable.meetings
        ),
    )
    assert "without need" in " ".join(check_repair(day, before, changes, replace(found, timetable=swapped)))
    assert "over and was touched" in " ".join(
        check_repair(day, before, changes, replace(found, timetable=swapped), now=day.slots[-1].id)
    )


def test_random_tables_are_closed_only_ahead() -> None:
    draw = random.Random(3)
    day = demo_day(3, companies=20, firms=15, slots=12, tables=10)
    before = arrange(day, compact_steps=FEW_STEPS)
    table = draw.choice([each.table for each in before.meetings if int(each.slot) < 6])
    found = repair(day, before, [Absence("table", table)], now=6)
    assert next(each for each in found.day.tables if each.id == table) == Table(
        table, frozenset(range(6, 12))
    )
    assert check_repair(day, before, [Absence("table", table)], found, now=6) == []
