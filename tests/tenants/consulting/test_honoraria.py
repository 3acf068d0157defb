"""Rates from a day on, the sheet of a month, closing it, and what turns out different later."""

import io
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from incubator.common.errors import Invalid, NotAllowed
from tenants.consulting import honoraria
from tenants.consulting.errors import (
    EarlierMonthOpen,
    MonthClosed,
    MonthNotOver,
    RateOverlaps,
    RatesMissing,
)
from tenants.consulting.models import Booking, HonorariumLine, HonorariumRate, HonorariumSheet
from tenants.consulting.services import close_month, correct_rate, set_rate
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.consulting import AdviserFactory, BookingFactory, SlotFactory, adviser_person, at
from tests.queries import cost

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH = date(2027, 2, 1), date(2027, 3, 1)
APRIL = at(1, 9, month=4)


@pytest.fixture
def manager():
    return acting_staff("consulting")


@pytest.fixture
def adviser():
    return AdviserFactory(name="나자문")


def rate(adviser, manager, amount=100_000, first=date(2027, 1, 1), unit="hour", kind="other"):
    return set_rate(
        adviser=adviser,
        amount_krw=amount,
        unit=unit,
        kind=kind,
        first=first,
        source="위촉 계약",
        actor=manager,
    )


def held(adviser, starts, minutes=60, **values):
    return BookingFactory(
        slot__adviser=adviser, slot__starts=starts, slot__minutes=minutes, state="held", **values
    )


def sums(sheet):
    return [
        (each.adviser, each.kind, each.withholding.gross, each.withholding.withheld, each.withholding.net)
        for each in sheet.payments
    ]


def test_a_rate_begins_where_the_one_before_it_ends(adviser, manager):
    rate(adviser, manager)
    rate(adviser, manager, 120_000, date(2027, 2, 15))
    held(adviser, at(14, 23, 30))  # ends on the 15th, but began before it
    held(adviser, at(15, 1))
    sheet = honoraria.sheet_of(manager, FEBRUARY)
    assert [each.gross for each in sheet.held] == [100_000, 120_000]
    assert sheet.rows[0][1].gross == 220_000
    assert len(sheet.payments[0].rates) == 2
    with pytest.raises(RateOverlaps):
        rate(adviser, manager, first=date(2027, 2, 15))
    with pytest.raises(RateOverlaps):
        rate(adviser, manager, first=date(2027, 2, 1))
    with pytest.raises(IntegrityError, match="consulting_one_rate_a_day"), transaction.atomic():
        HonorariumRate.objects.create(
            adviser=adviser, amount_krw=1, period=DateRange(date(2027, 3, 1), None), source="손으로"
        )


def test_a_month_is_seouls_and_a_group_is_one_session(adviser, manager):
    rate(adviser, manager, unit="session")
    held(adviser, at(31, 23, 59, month=1), 1)
    first = held(adviser, at(1, 0))
    slot = SlotFactory(adviser=adviser, starts=at(2, 10), seats=3)
    for seat in (1, 2, 3):
        BookingFactory(slot=slot, seat=seat, state="held")
    BookingFactory(slot__adviser=adviser, slot__starts=at(3, 10))  # booked, not held
    BookingFactory(slot__adviser=adviser, slot__starts=at(4, 10), state="missed")
    sheet = honoraria.sheet_of(manager, FEBRUARY)
    assert [each.starts for each in sheet.held] == [first.starts, slot.starts]
    assert sums(sheet) == [("나자문", "other", 200_000, 17_600, 182_400)]


def test_the_leap_day_belongs_to_its_month(adviser, manager):
    rate(adviser, manager)
    held(adviser, at(29, 23, 30, year=2028), 90)
    assert honoraria.sheet_of(manager, date(2028, 2, 1)).gross == 150_000
    assert honoraria.sheet_of(manager, date(2028, 3, 1)).gross == 0


def test_small_sessions_of_a_month_are_one_payment(adviser, manager):
    """Twice 62,500 won is 125,000 won in one payment: just free of tax. One won more a session is not."""
    set_to = rate(adviser, manager, 62_500, unit="session")
    held(adviser, at(2, 10))
    held(adviser, at(3, 10))
    assert honoraria.sheet_of(manager, FEBRUARY).withheld == 0
    assert honoraria.sheet_of(manager, FEBRUARY).payments[0].is_tax_free
    correct_rate(rate=set_to, amount_krw=62_502, unit="session", kind="other", source="정정", actor=manager)
    assert sums(honoraria.sheet_of(manager, FEBRUARY)) == [("나자문", "other", 125_004, 11_000, 114_004)]


def test_a_missing_rate_is_missing_and_not_zero(adviser, manager):
    rate(adviser, manager, first=date(2027, 2, 10))
    held(adviser, at(9, 10), 50)
    held(adviser, at(10, 10))
    nobody = AdviserFactory(name="가무료")
    held(nobody, at(11, 10))
    sheet = honoraria.sheet_of(manager, FEBRUARY)
    assert [(each.adviser, each.sessions, each.minutes) for each in sheet.missing] == [
        ("가무료", 1, 60),
        ("나자문", 1, 50),
    ]
    assert sheet.gross == 100_000
    rows = list(honoraria.payment_rows(sheet))
    assert [row[4:] for row in rows[-2:]] == [[None] * 8, [None] * 8]
    with pytest.raises(RatesMissing):
        close_month(month=FEBRUARY, actor=manager, now=APRIL)


def test_what_is_corrected_after_closing_is_due_in_the_next_sheet_once(adviser, manager):
    paid = rate(adviser, manager)
    kept, wrong = held(adviser, at(2, 10)), held(adviser, at(3, 10))
    close_month(month=FEBRUARY, actor=manager, now=APRIL)
    Booking.objects.filter(pk=wrong.pk).update(state="missed")
    late = held(adviser, at(26, 10), 150)
    held(adviser, at(2, 10, month=3))
    # What was closed stays as it was.
    assert honoraria.sheet_of(manager, FEBRUARY).gross == 200_000
    march = honoraria.sheet_of(manager, MARCH)
    assert [
        (line.for_month, line.sessions, line.minutes, line.gross) for line in march.payments[0].lines
    ] == [
        (FEBRUARY, 0, 90, 150_000),
        (MARCH, 1, 60, 100_000),
    ]
    close_month(month=MARCH, actor=manager, now=APRIL)
    april = date(2027, 4, 1)
    assert honoraria.sheet_of(manager, april).payments == []
    correct_rate(rate=paid, amount_krw=90_000, unit="hour", kind="other", source="정정", actor=manager)
    found = honoraria.sheet_of(manager, april)
    # 1 h + 2 h 30 min of February and 1 h of March, each 10,000 won an hour less.
    assert [(line.for_month, line.gross) for line in found.payments[0].lines] == [
        (FEBRUARY, -35_000),
        (MARCH, -10_000),
    ]
    assert (found.withheld, found.net) == (0, -45_000)
    assert kept.starts < late.starts


def test_another_kind_of_income_is_another_payment(adviser, manager):
    set_to = rate(adviser, manager)
    held(adviser, at(2, 10), 180)
    close_month(month=FEBRUARY, actor=manager, now=APRIL)
    correct_rate(
        rate=set_to, amount_krw=100_000, unit="hour", kind="business", source="사업자", actor=manager
    )
    assert sums(honoraria.sheet_of(manager, MARCH)) == [
        ("나자문", "business", 300_000, 9_900, 290_100),
        ("나자문", "other", -300_000, 0, -300_000),
    ]


def test_months_close_once_in_order_when_they_are_over(adviser, manager):
    with pytest.raises(MonthNotOver):
        close_month(month=FEBRUARY, actor=manager, now=at(28, 23))
    close_month(month=date(2027, 2, 17), actor=manager, now=at(1, 0, month=3))
    with pytest.raises(MonthClosed):
        close_month(month=FEBRUARY, actor=manager, now=APRIL)
    with pytest.raises(EarlierMonthOpen):
        close_month(month=date(2027, 1, 1), actor=manager, now=APRIL)
    with pytest.raises(EarlierMonthOpen):
        close_month(month=date(2027, 4, 1), actor=manager, now=at(1, 9, month=5))


def test_what_is_closed_cannot_be_changed(adviser, manager):
    rate(adviser, manager)
    held(adviser, at(2, 10))
    sheet = close_month(month=FEBRUARY, actor=manager, now=APRIL)
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        HonorariumLine.objects.update(gross_krw=1)
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        HonorariumSheet.objects.filter(pk=sheet.pk).update(closed_at=APRIL)


def test_only_consulting_managers_and_the_director_settle(adviser, manager):
    for actor in (acting_staff("leases"), adviser_person(adviser)):
        with pytest.raises(NotAllowed):
            rate(adviser, actor)
        with pytest.raises(NotAllowed):
            close_month(month=FEBRUARY, actor=actor, now=APRIL)
    rate(adviser, acting_staff())
    with pytest.raises(Invalid):
        rate(AdviserFactory(), manager, amount=0)


def test_an_adviser_sees_their_own_month_alone(adviser, manager):
    other = AdviserFactory(name="다른이")
    for each in (adviser, other):
        rate(each, manager)
        held(each, at(2, 10))
    close_month(month=FEBRUARY, actor=manager, now=APRIL)
    client = sign_in(Client(), adviser_person(adviser))
    page = client.get(reverse("advise:honorarium"), {"month": "2026-10"})
    assert page.status_code == 200
    own = honoraria.sheet_of(adviser_person(adviser), FEBRUARY)
    assert [each.adviser for each in own.payments] == ["나자문"]
    assert [each.adviser for each in own.held] == ["나자문"]


class TestPages:
    def book(self, name, month="2026-10"):
        adviser = AdviserFactory(name=name)
        set_rate(
            adviser=adviser,
            amount_krw=200_000,
            unit="hour",
            kind="other",
            first=date(2026, 1, 1),
            source="위촉",
            actor=None,
        )
        return held(adviser, at(5, 10, month=10, year=2026))

    def test_the_sheet_is_a_constant_number_of_statements(self):
        client = sign_in(Client(), staff_member("consulting"))
        path = reverse("honoraria:sheet") + "?month=2026-10"
        self.book("하나")
        one = cost(client, path)
        for name in ("둘", "셋"):
            self.book(name)
        assert cost(client, path) == one <= 12

    def test_a_name_that_is_a_formula_stays_text_and_no_bank_account_is_asked(self):
        self.book("=HYPERLINK(1)")
        client = sign_in(Client(), staff_member("consulting"))
        answer = client.get(reverse("honoraria:file", args=["payments", "xlsx"]), {"month": "2026-10"})
        sheet = load_workbook(io.BytesIO(answer.content)).active
        cell = sheet["A2"]
        assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
        assert [cell.value for cell in sheet[2]][-5:] == [200_000, 80_000, 16_000, 1_600, 182_400]
        assert [cell.value for cell in sheet[3]][-5:] == [200_000, 80_000, 16_000, 1_600, 182_400]
        text = client.get(reverse("honoraria:file", args=["sessions", "csv"]), {"month": "2026-10"})
        assert "'=HYPERLINK(1)" in text.content.decode()

    def test_a_month_is_closed_from_the_page(self):
        self.book("하나")
        client = sign_in(Client(), staff_member("consulting"))
        client.post(reverse("honoraria:close"), {"month": "2026-10"})
        assert HonorariumSheet.objects.get().month == date(2026, 10, 1)
        assert "182,400" in client.get(reverse("honoraria:sheet"), {"month": "2026-10"}).content.decode()

    def test_others_of_the_office_see_nothing_of_it(self):
        client = sign_in(Client(), staff_member("leases"))
        for path in (
            reverse("honoraria:sheet"),
            reverse("honoraria:file", args=["payments", "csv"]),
            reverse("admin:consulting_honorariumrate_changelist"),
        ):
            assert client.get(path).status_code == 403
        assert client.post(reverse("honoraria:close"), {"month": "2026-10"}).status_code == 403
