"""Free times against a count of every minute, and the days that calendars stumble over."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incubator.common.holiday import holidays_between
from tenants.consulting.availability import (
    Apart,
    Calendar,
    Extra,
    Hours,
    Terms,
    day_of,
    minute_of,
    minute_on,
    moment_of,
    monday_of,
)
from tenants.consulting.quarters import SEOUL

MONDAY = date(2027, 2, 1)


def at(day: date, hour: int = 0, minute: int = 0) -> int:
    return minute_on(day, time(hour, minute))


def starts(
    calendar: Calendar, first: date, last: date, now: datetime | None = None, **more: object
) -> list[str]:
    now = now or moment_of(at(first) - 1440)
    return [f"{free.starts:%m-%d %H:%M}" for free in calendar.free(first=first, last=last, now=now, **more)]


def brute(calendar, first, last, now, holidays, rooms):
    """Every time that can be booked, found by asking every minute of it."""
    terms = calendar.terms
    minutes = {"closed": set(), "busy": set()}
    for name, taken in minutes.items():
        for begin, end in getattr(calendar, name):
            taken.update(range(begin, end))
    spans = []
    day = first - timedelta(days=1)
    while day <= last:
        for hours in calendar.hours:
            in_force = hours.first <= day and (hours.until is None or day < hours.until)
            if in_force and hours.weekday == day.isoweekday() and (hours.on_holidays or day not in holidays):
                begin = at(day, hours.starts.hour, hours.starts.minute)
                over = hours.ends <= hours.starts
                end = at(day + timedelta(days=over), hours.ends.hour, hours.ends.minute)
                spans.append((begin, end, hours.minutes, hours.room))
        day += timedelta(days=1)
    spans += [(*extra.span, extra.minutes, extra.room) for extra in calendar.extras]
    found = set()
    for begin, end, length, room in spans:
        start = begin
        while start + length <= end:
            session = range(start, start + length)
            held = range(start - terms.before, start + length + terms.after)
            own = day_of(start)
            used = sum(e - s for s, e in calendar.sessions if day_of(s) == own)
            week = sum(e - s for s, e in calendar.sessions if monday_of(day_of(s)) == monday_of(own))
            ok = (
                first <= own <= last
                and moment_of(start) >= now + timedelta(minutes=terms.notice)
                and moment_of(start) < now + timedelta(days=terms.horizon)
                and not minutes["closed"].intersection(session)
                and not minutes["busy"].intersection(held)
                and (terms.longest_day is None or used + length <= terms.longest_day)
                and (terms.longest_week is None or week + length <= terms.longest_week)
                and (
                    room is None
                    or not {m for s, e in rooms.get(room, []) for m in range(s, e)}.intersection(held)
                )
            )
            if ok:
                found.add((start, length))
            start += length + terms.before + terms.after
    return sorted(found)


clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 50]))
lengths = st.sampled_from([20, 30, 60, 90])
weekdays = st.integers(1, 7)
days_near = st.integers(-2, 12).map(lambda n: MONDAY + timedelta(days=n))


@st.composite
def spans(draw, longest=600):
    begin = at(draw(days_near)) + draw(st.integers(0, 1439))
    return begin, begin + draw(st.integers(1, longest))


@st.composite
def hours(draw):
    begin, end = draw(st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1]))
    first = draw(days_near)
    until = draw(st.none() | days_near)
    return Hours(
        draw(weekdays),
        begin,
        end,
        draw(lengths),
        first,
        until,
        draw(st.booleans()),
        draw(st.none() | st.just(7)),
    )


calendars = st.builds(
    Calendar,
    hours=st.lists(hours(), max_size=4),
    extras=st.lists(st.builds(Extra, spans(), lengths, st.none() | st.just(7)), max_size=2),
    closed=st.lists(spans(3000), max_size=3),
    busy=st.lists(spans(), max_size=5),
    sessions=st.lists(spans(120), max_size=3),
    terms=st.builds(
        Terms,
        before=st.sampled_from([0, 10, 30]),
        after=st.sampled_from([0, 5, 45]),
        notice=st.sampled_from([0, 90, 1440]),
        horizon=st.sampled_from([1, 5, 42]),
        longest_day=st.none() | st.sampled_from([60, 180]),
        longest_week=st.none() | st.sampled_from([60, 300]),
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    calendar=calendars,
    room=st.lists(spans(), max_size=3),
    now=st.integers(-3000, 9000).map(lambda n: moment_of(at(MONDAY) + n) + timedelta(seconds=n % 60)),
    holidays=st.frozensets(days_near, max_size=3),
    length=st.integers(0, 9),
)
def test_is_what_a_count_of_every_minute_finds(calendar, room, now, holidays, length):
    last = MONDAY + timedelta(days=length)
    found = calendar.free(first=MONDAY, last=last, now=now, holidays=holidays, rooms={7: Apart(room)})
    assert [(free.start, free.minutes) for free in found] == brute(
        calendar, MONDAY, last, now, holidays, {7: room}
    )


def test_hours_across_midnight_belong_to_the_day_they_begin():
    late = Calendar(hours=[Hours(1, time(22), time(2))])
    assert starts(late, MONDAY, MONDAY + timedelta(days=1)) == [
        "02-01 22:00",
        "02-01 23:00",
        "02-02 00:00",
        "02-02 01:00",
    ]
    tuesday = MONDAY + timedelta(days=1)
    assert starts(late, tuesday, tuesday) == ["02-02 00:00", "02-02 01:00"]
    assert starts(late, MONDAY, tuesday, holidays={MONDAY}) == []


def test_hours_until_midnight_end_there():
    assert starts(Calendar(hours=[Hours(1, time(22), time())]), MONDAY, MONDAY + timedelta(days=1)) == [
        "02-01 22:00",
        "02-01 23:00",
    ]


def test_a_leap_day_is_a_day_like_others():
    leap = date(2028, 2, 29)
    calendar = Calendar(hours=[Hours(leap.isoweekday(), time(9), time(10))])
    assert starts(calendar, leap, leap) == ["02-29 09:00"]
    assert starts(calendar, date(2028, 2, 22), date(2028, 3, 7)) == [
        "02-22 09:00",
        "02-29 09:00",
        "03-07 09:00",
    ]


def test_validity_is_half_open():
    calendar = Calendar(hours=[Hours(1, time(9), time(10), 60, MONDAY, MONDAY + timedelta(days=7))])
    assert starts(calendar, MONDAY - timedelta(days=7), MONDAY + timedelta(days=14)) == ["02-01 09:00"]


def test_buffers_lie_between_sessions_and_may_reach_over_the_hours():
    calendar = Calendar(hours=[Hours(1, time(9), time(12))], terms=Terms(before=5, after=10))
    assert starts(calendar, MONDAY, MONDAY) == ["02-01 09:00", "02-01 10:15"]


def test_a_session_keeps_its_buffers_from_what_is_busy_and_borders_on_what_is_closed():
    terms = Terms(before=10, after=10)
    noon = (at(MONDAY, 10), at(MONDAY, 11))
    before = [Hours(1, time(9), time(10))]
    assert starts(Calendar(before, busy=[noon], terms=terms), MONDAY, MONDAY) == []
    assert starts(Calendar(before, closed=[noon], terms=terms), MONDAY, MONDAY) == ["02-01 09:00"]


@pytest.mark.parametrize(
    ("day", "free"), [(date(2027, 2, 8), []), (date(2027, 3, 1), []), (date(2027, 2, 15), ["02-15 09:00"])]
)
def test_no_one_is_asked_to_come_on_a_holiday(day, free):
    calendar = Calendar(hours=[Hours(1, time(9), time(10))])
    assert starts(calendar, day, day, holidays=holidays_between(day, day)) == free


def test_substitute_holidays_count_and_who_works_on_them_says_so():
    substitute = date(2027, 2, 9)  # for New Year's Sunday
    assert substitute in holidays_between(substitute, substitute)
    calendar = Calendar(hours=[Hours(2, time(9), time(10), on_holidays=True)])
    assert starts(calendar, substitute, substitute, holidays={substitute}) == ["02-09 09:00"]


def test_the_days_counted_are_seouls():
    for moment in (datetime(2027, 1, 1, tzinfo=SEOUL), datetime(2028, 2, 29, 23, 59, tzinfo=SEOUL)):
        assert day_of(minute_of(moment)) == moment.date()
        assert moment_of(minute_on(moment.date(), moment.time())) == moment
