"""Where well-known hosts overflow, others are offered by a rule that costs nobody a wish."""

from dataclasses import replace

from incubator.optimise.redirection import Redirected, redirections_of, with_redirections
from incubator.optimise.timetable import arrange
from incubator.optimise.timetable_check import check_timetable
from incubator.optimise.timetable_types import Company, Day, Host, Slot, Table, Wish
from tests.performance.days import demo_day

DAY = Day(
    slots=(Slot(0), Slot(1)),
    companies=(Company("a", 2), Company("b", 2), Company("c", 2)),
    hosts=(Host("famous", 2), Host("quiet", 2), Host("busy", 1), Host("away", 2, frozenset([0, 1]))),
    tables=tuple(Table(at) for at in range(3)),
    wishes=(
        Wish("a", "famous", 900),
        Wish("b", "famous", 800),
        Wish("c", "famous", 100),
        Wish("a", "busy", 50),
    ),
)
FIT = {(company, host): 50 for company in "abc" for host in ("famous", "quiet", "busy", "away")}


def test_who_finds_no_place_with_a_well_known_host_meets_a_less_known_one() -> None:
    day = with_redirections(DAY, FIT)
    found = arrange(day)
    assert check_timetable(day, found) == []
    assert redirections_of(day, found) == (Redirected("c", "quiet", ("famous",)),)
    assert {(each.company, each.host) for each in found.meetings} == {
        ("a", "famous"),
        ("a", "busy"),
        ("b", "famous"),
        ("c", "quiet"),
    }


def test_only_fitting_hosts_with_fewer_requests_than_places_are_offered() -> None:
    offered = {(wish.company, wish.host) for wish in with_redirections(DAY, FIT).wishes if wish.spare}
    assert offered == {("a", "quiet"), ("b", "quiet"), ("c", "quiet")}
    assert with_redirections(DAY, {}).wishes == DAY.wishes
    calm = replace(DAY, wishes=DAY.wishes[:1])
    assert with_redirections(calm, FIT).wishes == calm.wishes


def test_nobody_gets_more_meetings_than_asked_for() -> None:
    day = with_redirections(DAY, FIT)
    assert {each.id: each.maximum for each in day.companies} == {"a": 2, "b": 1, "c": 1}


def test_a_redirection_costs_nobody_a_wish_of_a_full_day() -> None:
    plain = demo_day(2, companies=30, firms=20, slots=10, tables=20)
    fit = {
        (company.id, host.id): 1 + (company.id * 7 + host.id * 13) % 100  # type: ignore[operator]
        for company in plain.companies
        for host in plain.hosts
    }
    day = with_redirections(plain, fit)
    before, after = arrange(plain, compact_steps=0), arrange(day, compact_steps=0)
    assert check_timetable(day, after) == []
    worth = {(wish.company, wish.host): wish.worth for wish in plain.wishes}
    assert (before.gap, after.gap) == (0, 0)
    assert sum(worth.get((each.company, each.host), 0) for each in after.meetings) == sum(
        worth[each.company, each.host] for each in before.meetings
    )
