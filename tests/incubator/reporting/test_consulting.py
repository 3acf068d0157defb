"""Consulting in numbers: every figure is the sum of its list, to the minute."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from incubator.reporting import consulting
from incubator.reporting.consulting_load import joined, length, loads, without
from tenants.consulting.services import go_away, hold_time
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    AttendanceFactory,
    AvailabilityFactory,
    BookingFactory,
    RatingFactory,
    SlotFactory,
    at,
    cancelled,
)
from tests.queries import cost

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2027, 2, 1), date(2027, 2, 28)


@pytest.fixture
def manager():
    return acting_staff("consulting")


def came(starts, minutes=60, *, adviser=None, company=None, adviser_came=True, company_came=True):
    more = {"slot__adviser": adviser} if adviser else {}
    more |= {"company": company} if company else {}
    booking = BookingFactory(
        slot__starts=starts,
        slot__minutes=minutes,
        state="held" if adviser_came and company_came else "missed",
        **more,
    )
    AttendanceFactory(booking=booking, adviser_came=adviser_came, company_came=company_came)
    return booking


def a_month(adviser, company):
    """Three sessions (one across midnight into March, one of two companies), both sides away once, two late cancellations."""
    came(at(2, 10), 50, adviser=adviser, company=company)
    came(at(28, 23, 30), 90, adviser=adviser)
    slot = SlotFactory(adviser=adviser, starts=at(3, 10), minutes=45, seats=2)
    for seat in (1, 2):
        AttendanceFactory(booking=BookingFactory(slot=slot, seat=seat, state="held"))
    came(at(4, 10), adviser=adviser, company_came=False)
    came(at(5, 10), adviser=adviser, adviser_came=False)
    cancelled(slot__adviser=adviser, slot__starts=at(10, 10), late=True)
    cancelled(slot__adviser=adviser, slot__starts=at(11, 10), late=False)
    moved = {"ended_as": "moved"}
    cancelled(slot__adviser=adviser, slot__starts=at(12, 10), **moved)
    BookingFactory(slot__adviser=adviser, slot__starts=at(15, 10))
    # Not of these days: the evening before the first, the first moment after the last.
    came(at(31, 23, month=1), adviser=adviser)
    came(at(1, 0, month=3) + timedelta(hours=2), adviser=adviser)


def test_the_figures(manager):
    a_month(AdviserFactory(), CompanyFactory())
    rows = consulting.bookings_between(manager, FIRST, LAST)
    table = consulting.table_by("adviser", rows, FIRST, LAST)
    # bookings, sessions, adviser's and companies' minutes, recorded, company away, adviser away, late of either.
    assert table.lines[0].values[1:10] == [9, 3, 185, 230, 6, 1, 1, 1, 0]
    assert table.lines[0].values[10:] == [Decimal(100) / 6] * 2
    assert table.total[1:10] == table.lines[0].values[1:10]


@pytest.mark.parametrize("by", list(consulting.BY))
def test_every_line_is_the_sum_of_its_list_and_the_lines_are_the_sum_of_all(manager, by):
    for _ in range(2):
        a_month(AdviserFactory(), CompanyFactory())
    rows = consulting.bookings_between(manager, FIRST, LAST)
    table = consulting.table_by(by, rows, FIRST, LAST)
    client = sign_in(Client(), staff_member("leases"))
    for line in table.lines:
        page = client.get(line.url)
        assert page.context["table"].total[4:] == line.values[1:10]
    columns = list(zip(*(line.values[1:10] for line in table.lines), strict=True))
    assert [sum(column) for column in columns] == table.total[1:10]


def test_waiting_times_are_those_of_their_list(manager):
    a_month(AdviserFactory(), CompanyFactory())
    BookingFactory(slot__starts=at(20, 10), decided_at=NOW + timedelta(hours=36))
    rows = consulting.bookings_between(manager, FIRST, LAST)
    waits = consulting.waits_between(manager, rows, FIRST, LAST)
    table = consulting.waits_table(waits, FIRST, LAST)
    by_kind = {kind: line.values for kind, line in zip(consulting.WAITS, table.lines, strict=True)}
    assert by_kind["request"][1:] == [1, 1.5, 1.5, 36 * 60]
    assert by_kind["list"][1] == 0
    for kind, values in by_kind.items():
        assert consulting.waits_list(waits, kind).total[-1] == values[4]


def test_spans():
    assert joined([(5, 9), (1, 3), (3, 4), (7, 12), (20, 20)]) == [(1, 4), (5, 12)]
    assert without([(0, 10), (20, 30)], [(5, 7), (9, 22), (28, 40)]) == [(0, 5), (7, 9), (22, 28)]
    assert length(without([(0, 10)], [])) == 10


def test_how_much_of_the_offered_time_is_booked(manager):
    """Tuesdays 14 to 17: the 9th is a substitute holiday, on the 16th the adviser is away, on the 23rd an hour is a class."""
    adviser = AvailabilityFactory().adviser
    go_away(adviser=adviser, first=date(2027, 2, 16), last=date(2027, 2, 16), actor=None, now=NOW)
    hold_time(
        adviser=adviser, room=None, starts=at(23, 16), ends=at(23, 18), what="강의", actor=manager, now=NOW
    )
    came(at(2, 14), 60, adviser=adviser)  # within the hours
    came(at(3, 9), 30, adviser=adviser)  # besides them
    idle = AdviserFactory()
    SlotFactory(adviser=idle, starts=at(10, 9))
    rows = consulting.bookings_between(manager, FIRST, LAST)
    found = {each.adviser_id: each for each in loads(manager, rows, FIRST, LAST)}
    # 3 h on the 2nd, 30 min on the 3rd, 2 h on the 23rd.
    assert (found[adviser.pk].offered, found[adviser.pk].booked) == (330, 90)
    assert (found[idle.pk].offered, found[idle.pk].booked, found[idle.pk].is_idle) == (60, 0, True)
    assert not found[adviser.pk].is_idle
    assert not found[adviser.pk].is_overloaded


def test_the_pages_cost_the_same_with_one_adviser_and_three():
    client = sign_in(Client(), staff_member("leases"))
    query = "?from=2027-02-01&to=2027-02-28"
    pages = [reverse("reporting:consulting") + query, reverse("reporting:consulting_list") + query]
    a_month(AvailabilityFactory().adviser, CompanyFactory())
    one = [cost(client, page) for page in pages]
    for _ in range(2):
        a_month(AvailabilityFactory().adviser, CompanyFactory())
    assert [cost(client, page) for page in pages] == one
    assert max(one) <= 12


def test_files_are_the_tables_and_formulas_stay_text():
    a_month(AdviserFactory(name="=1+1"), CompanyFactory())
    client = sign_in(Client(), staff_member("leases"))
    query = {"from": "2027-02-01", "to": "2027-02-28"}
    for name in ("adviser", "company", "topic", "month", "waits", "load", "list"):
        for kind in ("csv", "xlsx"):
            answer = client.get(reverse("reporting:consulting_download", args=[name, kind]), query)
            assert answer.status_code == 200, (name, kind)
    answer = client.get(reverse("reporting:consulting_download", args=["adviser", "xlsx"]), query)
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert [cell.value for cell in sheet[2]][1:5] == [9, 3, 185, 230]
    assert client.get(reverse("reporting:consulting_download", args=["nobody", "csv"])).status_code == 404
    assert client.get(reverse("reporting:consulting_list"), {"by": "nothing"}).status_code == 404


def test_satisfaction_is_for_the_managers_of_consulting_and_adds_up():
    adviser = AdviserFactory()
    for day, stars in ((2, 5), (3, 4), (4, 4)):
        RatingFactory(booking=came(at(day, 10), adviser=adviser), stars=stars)
    RatingFactory(booking=came(at(2, 10, month=3), adviser=adviser), stars=1)
    manager = acting_staff("consulting")
    ratings = consulting.ratings_between(manager, FIRST, LAST)
    table = consulting.ratings_table(ratings, FIRST, LAST)
    assert table.lines[0].values[1:] == [3, 13, Decimal(13) / 3]
    assert consulting.ratings_list(ratings, str(adviser.pk)).total[-1] == 13
    assert consulting.ratings_between(acting_staff("leases"), FIRST, LAST) == []
    client = sign_in(Client(), staff_member("consulting"))
    page = reverse("reporting:consulting") + "?from=2027-02-01&to=2027-02-28"
    assert cost(client, page) <= 12
