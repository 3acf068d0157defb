"""The day of meetings against brute force on small ones, and against its own checker on full ones."""

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incubator.optimise import timetable as timetable_module
from incubator.optimise.timetable import arrange
from incubator.optimise.timetable_board import Board, long_runs_of, waits_of
from incubator.optimise.timetable_check import check_timetable
from incubator.optimise.timetable_model import Model
from incubator.optimise.timetable_types import (
    Company,
    Day,
    Host,
    Id,
    Lock,
    Meeting,
    Progress,
    Shortfall,
    Slot,
    Table,
    Timetable,
    TimetableError,
    Wish,
    objective_of,
    worth_of_ranks,
)
from tests.incubator.optimise.days import best_by_brute_force, shuffled, small_days
from tests.performance.days import demo_day, mentor_day

FEW_STEPS = 2_000


def day_of(
    slots: int,
    companies: list[Company],
    hosts: list[Host],
    wishes: list[Wish],
    tables: int = 9,
    locked: tuple[Lock, ...] = (),
) -> Day:
    return Day(
        tuple(Slot(at) for at in range(slots)),
        tuple(companies),
        tuple(hosts),
        tuple(Table(at) for at in range(tables)),
        tuple(wishes),
        locked,
    )


def reasons(found: Timetable) -> dict[tuple[Id, Id], str]:
    return {(each.company, each.host): each.why for each in found.unmet}


@settings(max_examples=150, deadline=None)
@given(small_days())
def test_no_timetable_is_worth_more_and_the_result_proves_it(day: Day) -> None:
    found = arrange(day, compact_steps=FEW_STEPS)
    assert check_timetable(day, found) == []
    assert (found.objective, found.bound, found.gap) == (best_by_brute_force(day), found.objective, 0)


@settings(max_examples=60, deadline=None)
@given(small_days(), st.integers(0, 1000))
def test_the_order_of_the_rows_never_matters(day: Day, seed: int) -> None:
    assert arrange(shuffled(day, seed), compact_steps=FEW_STEPS) == arrange(day, compact_steps=FEW_STEPS)


@pytest.mark.parametrize("day", [mentor_day(3), demo_day(3)], ids=["mentor day", "demo day"])
def test_a_full_day_is_arranged_to_the_bound_in_any_order(day: Day) -> None:
    found = arrange(day)
    assert check_timetable(day, found) == []
    assert (found.gap, found.searched, found.shortfalls) == (0, False, ())
    assert arrange(shuffled(day, 7)) == found


def test_a_full_mentor_day_shares_out_evenly() -> None:
    day = mentor_day(5)
    found = arrange(day, compact_steps=0)
    assert found.spread <= 1
    assert arrange(replace(day, shares="minimum"), compact_steps=0).spread > found.spread


def test_even_shares_come_before_the_worth_of_wishes() -> None:
    rich, poor = Company("rich", 2), Company("poor", 2)
    wishes = [Wish("rich", "x", 1000), Wish("rich", "y", 1000), Wish("poor", "x", 1), Wish("poor", "y", 1)]
    day = day_of(1, [rich, poor], [Host("x", 1), Host("y", 1)], wishes)
    even = arrange(replace(day, shares="even"))
    assert Counter(each.company for each in even.meetings) == {"rich": 1, "poor": 1}
    day = day_of(2, [rich, poor], [Host("x", 1), Host("y", 1)], wishes)
    assert arrange(replace(day, shares="even")).spread == 0
    assert Counter(each.company for each in arrange(day).meetings) == {"rich": 2}


def test_a_minimum_outweighs_any_wish_and_is_named_where_it_is_out_of_reach() -> None:
    companies = [Company("rich", 3), Company("poor", 3, minimum=2)]
    day = day_of(1, companies, [Host("x", 1)], [Wish("rich", "x", 1000), Wish("poor", "x", 1)])
    found = arrange(day)
    assert [each.company for each in found.meetings] == ["poor"]
    assert found.shortfalls == (Shortfall("poor", 1),)
    assert reasons(found) == {("rich", "x"): "share_of_another"}


def test_an_unmet_wish_says_why() -> None:
    day = Day(
        slots=(Slot(0), Slot(1)),
        companies=(
            Company("a", 2),
            Company("morning", 2, absent=frozenset([1])),
            Company("one", 1),
            Company("late", 2, absent=frozenset([0])),
        ),
        hosts=(
            Host("x", 2),
            Host("evening", 2, frozenset([0])),
            Host("small", 1),
            Host("y", 2),
        ),
        tables=(Table("t1"), Table("t2", frozenset([1])), Table("t3", frozenset([1]))),
        wishes=(
            Wish("morning", "evening", 500),
            Wish("one", "x", 900),
            Wish("one", "small", 100),
            Wish("a", "small", 800),
            Wish("morning", "small", 200),
            Wish("late", "y", 50),
            Wish("a", "evening", 850),
        ),
    )
    found = arrange(day)
    assert check_timetable(day, found) == []
    assert {(each.company, each.host) for each in found.meetings} == {
        ("one", "x"),
        ("a", "small"),
        ("a", "evening"),
    }
    assert reasons(found) == {
        ("late", "y"): "no_table",
        ("morning", "evening"): "never_together",
        ("morning", "small"): "outbid",
        ("one", "small"): "company_full",
    }


def test_two_who_are_free_at_different_times_only() -> None:
    day = day_of(
        2,
        [Company("a", 2, absent=frozenset()), Company("b", 2, absent=frozenset([1]))],
        [Host("x", 2), Host("y", 2, frozenset([1]))],
        [Wish("a", "y", 900), Wish("b", "x", 900), Wish("b", "y", 100)],
    )
    found = arrange(day)
    assert reasons(found)["b", "y"] in {"company_full", "outbid"}
    lock = Lock("a", "x", 0)
    crossed = day_of(
        2,
        [Company("a", 2), Company("b", 2)],
        [Host("x", 2), Host("y", 2)],
        [Wish("a", "x", 1), Wish("b", "y", 1), Wish("a", "y", 1)],
        locked=(lock, Lock("b", "y", 1)),
    )
    assert reasons(arrange(crossed)) == {("a", "y"): "no_common_time_left"}


def test_a_locked_meeting_stays_whatever_it_costs() -> None:
    day = day_of(
        1,
        [Company("a", 1), Company("b", 1)],
        [Host("x", 1)],
        [Wish("a", "x", 1), Wish("b", "x", 1000)],
        locked=(Lock("a", "x", 0),),
    )
    found = arrange(day)
    assert found.meetings == (Meeting("a", "x", 0, found.meetings[0].table),)
    assert (found.gap, check_timetable(day, found)) == (0, [])


def test_a_spare_meeting_never_takes_a_wish() -> None:
    day = day_of(
        1,
        [Company(at, 1) for at in range(3)],
        [Host(at, 1) for at in range(3)],
        [Wish(0, 0, 1), Wish(0, 1, 100, spare=True), Wish(1, 0, 100, spare=True), Wish(1, 1, 1)],
    )
    assert {(each.company, each.host) for each in arrange(day).meetings} == {(0, 0), (1, 1)}


def test_waits_and_long_runs_are_lessened_at_no_cost_in_meetings() -> None:
    day = demo_day(4)
    before, after = arrange(day, compact_steps=0), arrange(day, compact_steps=60_000)
    assert after.objective == before.objective
    assert after.waits < before.waits * 2 / 3
    assert after.long_runs <= before.long_runs


def test_a_pause_that_fits_is_made() -> None:
    day = day_of(
        4, [Company("a", 3)], [Host(at, 1) for at in range(3)], [Wish("a", at, 1) for at in range(3)]
    )
    assert arrange(day).waits == 0
    found = arrange(replace(day, in_a_row=2))
    assert (found.long_runs, found.waits) == (0, 1)
    lunch = replace(day, slots=(Slot(0), Slot(1), Slot(2, 1), Slot(3, 1)), in_a_row=2)
    assert (arrange(lunch).long_runs, arrange(lunch).waits) == (0, 0)


@pytest.mark.parametrize(
    ("busy", "there", "waits"),
    [(0b0, 0b1111, 0), (0b1001, 0b1111, 2), (0b1001, 0b1101, 1), (0b0110, 0b1111, 0)],
)
def test_only_who_is_there_waits(busy: int, there: int, waits: int) -> None:
    assert waits_of(busy, there) == waits


@pytest.mark.parametrize(
    ("busy", "joined", "in_a_row", "windows"),
    [(0b1111, 0b0111, 2, 2), (0b1111, 0b0101, 2, 0), (0b1111, 0b0111, 4, 0), (0b11, 0b1, None, 0)],
)
def test_long_runs_end_at_a_break(busy: int, joined: int, in_a_row: int | None, windows: int) -> None:
    assert long_runs_of(busy, joined, in_a_row) == windows


def test_hosts_stay_at_their_table_where_tables_suffice() -> None:
    day = replace(mentor_day(2), tables=tuple(Table(at) for at in range(24)))
    tables: dict[Id, set[Id]] = {}
    for meeting in arrange(day).meetings:
        tables.setdefault(meeting.host, set()).add(meeting.table)
    assert {len(each) for each in tables.values()} == {1}


def test_a_search_tells_where_it_is_and_stops_when_asked() -> None:
    day = mentor_day(1)
    told: list[Progress] = []
    whole = arrange(day, report=told.append)
    assert [stage for stage, _all in itertools.groupby(each.stage for each in told)] == [
        "select",
        "place",
        "compact",
    ]
    assert all(each.objective <= each.bound and each.done <= each.total for each in told)
    asked = iter([False, False, True])
    early = arrange(day, stop=lambda: next(asked))
    assert (early.stopped, whole.stopped) == (True, False)
    assert check_timetable(day, early) == []
    assert early.waits > whole.waits
    at_once = arrange(day, stop=lambda: True)
    assert check_timetable(day, at_once) == []


def test_windows_mend_what_chains_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    day = mentor_day(11, companies=20, advisers=8, slots=8, rooms=6)
    monkeypatch.setattr(Board, "squeeze", lambda _board, _pair: False)
    monkeypatch.setattr(timetable_module, "_TURNS", 0)
    told: list[Progress] = []
    found = arrange(day, report=told.append, compact_steps=0)
    values = [each.objective for each in told if each.stage == "improve"]
    assert values == sorted(values)
    assert values[0] < found.objective == arrange(day, compact_steps=0).objective
    assert check_timetable(day, found) == []


def test_a_bound_that_only_a_search_can_reach_is_said_to_rest_on_it() -> None:
    """Three meetings of a cycle of odd length of times: prices allow half of each."""
    absent = [frozenset({2}), frozenset({0}), frozenset({1})]
    companies = [Company(at, 3, absent=absent[at]) for at in range(3)]
    hosts = [Host("x", 3)]
    day = day_of(3, companies, hosts, [Wish(at, "x", 7) for at in range(3)], tables=1)
    found = arrange(day)
    assert (found.gap, len(found.meetings)) == (0, 3)


def test_no_one_and_nothing_gives_an_empty_day() -> None:
    for day in (
        day_of(0, [], [], []),
        day_of(3, [Company("a", 3, minimum=1)], [], []),
        day_of(3, [Company("a", 3)], [Host("x", 3)], [Wish("a", "x", 5)], tables=0),
        day_of(0, [Company("a", 3)], [Host("x", 3)], [Wish("a", "x", 5)]),
    ):
        found = arrange(day)
        assert (found.meetings, found.objective, found.bound) == ((), 0, 0)
        assert check_timetable(day, found) == []


SANE = day_of(
    2,
    [Company("a", 2, minimum=1), Company("b", 1)],
    [Host("x", 2)],
    [Wish("a", "x", 1), Wish("b", "x", 2)],
    tables=1,
)


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"slots": (Slot(0), Slot(0))}, "duplicate_id", "slot 0"),
        ({"slots": tuple(Slot(at) for at in range(61))}, "too_large", "number of slot"),
        ({"companies": (*SANE.companies, Company("a", 1))}, "duplicate_id", "company a"),
        ({"hosts": (Host("x", 1), Host("x", 1))}, "duplicate_id", "host x"),
        ({"tables": (Table(1), Table(1))}, "duplicate_id", "table 1"),
        ({"hosts": (Host("x", -1),)}, "negative", "maximum of host x"),
        ({"hosts": (Host("x", 2, frozenset([9])),)}, "unknown_id", "slot 9 of host x"),
        ({"tables": (Table(0, frozenset([9])),)}, "unknown_id", "slot 9 of table 0"),
        ({"companies": (Company("a", 1, minimum=2),)}, "minimum_over_maximum", "company a"),
        ({"companies": (Company("a", 1.5),)}, "not_a_whole_number", "maximum of company a"),  # type: ignore[arg-type]
        ({"wishes": (Wish("c", "x", 1),)}, "unknown_id", "meeting of c, x"),
        ({"wishes": (Wish("a", "x", 1), Wish("a", "x", 2))}, "duplicate_pair", "meeting of a, x"),
        ({"wishes": (Wish("a", "x", float("nan")),)}, "not_a_whole_number", "worth of meeting of a, x"),  # type: ignore[arg-type]
        ({"wishes": (Wish("a", "x", 1001),)}, "too_large", "worth of meeting of a, x"),
        ({"wishes": (Wish("a", "x", 101, spare=True),)}, "too_large", "worth of meeting of a, x"),
        ({"wishes": (Wish("a", "x", 0),)}, "too_small", "worth of meeting of a, x"),
        ({"in_a_row": 0}, "too_small", "meetings in a row"),
        ({"locked": (Lock("a", "x", 7),)}, "unknown_id", "slot 7 of meeting of a, x"),
        ({"locked": (Lock("a", "y", 0),)}, "locked_not_wished", "meeting of a, y"),
        ({"locked": (Lock("a", "x", 0), Lock("a", "x", 1))}, "duplicate_pair", "meeting of a, x"),
        ({"locked": (Lock("a", "x", 0), Lock("b", "x", 0))}, "locked_clash", "host x"),
        (
            {"hosts": (Host("x", 2, frozenset([0])),), "locked": (Lock("a", "x", 0),)},
            "locked_absent",
            "meeting of a, x",
        ),
        (
            {"hosts": (Host("x", 1),), "locked": (Lock("a", "x", 0), Lock("b", "x", 1))},
            "locked_over_maximum",
            "host x",
        ),
        ({"tables": (), "locked": (Lock("a", "x", 0),)}, "locked_without_table", "slot 0"),
    ],
)
def test_a_day_that_makes_no_sense(changes: dict[str, object], code: str, place: str) -> None:
    with pytest.raises(TimetableError) as caught:
        arrange(replace(SANE, **changes))  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.place) == (code, place)


def test_the_checker_sees_what_is_wrong() -> None:
    day = mentor_day(8, companies=9, advisers=6, slots=6, rooms=4)
    found = arrange(day)
    assert check_timetable(day, found) == []
    first, *rest = found.meetings
    other = next(each for each in rest if each.slot != first.slot and each.company != first.company)

    def broken(**changes: object) -> str:
        return " ".join(check_timetable(day, replace(found, **changes)))  # type: ignore[arg-type]

    assert "pair" in broken(meetings=(first, *found.meetings))
    assert "table at a time" in broken(meetings=(*rest, replace(first, slot=other.slot, table=other.table)))
    assert "nobody's wish" in broken(
        meetings=(*rest, replace(first, host=next(each.host for each in found.unmet), company="none"))
    )
    assert "no slot or no table" in broken(meetings=(*rest, replace(first, table="none")))
    assert "objective" in broken(objective=found.objective - 1)
    assert "over the bound" in broken(objective=found.bound + 1)
    assert "prove a bound" in broken(bound=found.bound + 1)
    assert "prove a bound" in broken(proof=replace(found.proof, seat_at={0: 10**9}))
    assert "negative" in broken(proof=replace(found.proof, seat_at={0: -1}))
    assert "spread" in broken(spread=found.spread + 1)
    assert "wait" in broken(waits=found.waits + 1)
    assert "long runs" in broken(long_runs=found.long_runs + 1)
    assert "unmet wishes" in broken(unmet=found.unmet[1:])
    assert "shortfalls" in broken(shortfalls=(Shortfall(0, 1),))
    unmet, *others = found.unmet
    wrong = "never_together" if unmet.why != "never_together" else "outbid"
    assert "is not unmet for" in broken(unmet=(replace(unmet, why=wrong), *others))
    absent = replace(
        day,
        companies=tuple(
            replace(each, absent=each.absent | {first.slot}) if each.id == first.company else each
            for each in day.companies
        ),
    )
    assert "absent" in " ".join(check_timetable(absent, found))
    narrow = replace(
        day, companies=tuple(replace(each, maximum=0) for each in day.companies), hosts=day.hosts
    )
    assert "over its maximum" in " ".join(check_timetable(narrow, found))
    locked = replace(day, locked=(Lock(unmet.company, unmet.host, 0),))
    assert "locked meeting" in " ".join(check_timetable(locked, found))


def test_the_shares_with_the_most_points_are_the_most_meetings_shared_out_most_evenly() -> None:
    day = day_of(4, [Company(at, 4) for at in range(3)], [Host(at, 4) for at in range(4)], [])
    day = replace(
        day,
        shares="even",
        wishes=tuple(Wish(company, host, 1000) for company in range(3) for host in range(4)),
    )

    def worth(counts: tuple[int, ...]) -> int:
        return objective_of(day, {(at, host) for at, count in enumerate(counts) for host in range(count)})

    ranked = sorted(itertools.product(range(5), repeat=3), key=worth)
    assert [sum(each) for each in ranked] != sorted(sum(each) for each in ranked)
    for total in range(13):
        same = [each for each in ranked if sum(each) == total]
        assert max(same[-1]) - min(same[-1]) <= 1


def test_the_worth_of_ranks() -> None:
    assert worth_of_ranks(1, None) == worth_of_ranks(None, 1) == 100
    assert worth_of_ranks(1, 1) == 300
    assert worth_of_ranks(10, 10) < worth_of_ranks(1, None) < worth_of_ranks(3, 3)
    assert worth_of_ranks(40, None) == 20
    assert worth_of_ranks(None, None) == 0


def test_a_pair_that_is_fixed_leaves_no_other_slot_to_the_bound() -> None:
    day = day_of(2, [Company("a", 2)], [Host("x", 2)], [Wish("a", "x", 5)], locked=(Lock("a", "x", 1),))
    model = Model.of(day)
    assert model.gains(model.proof([], [], 1)) == [{1: 5}]
