"""The adviser's hours, as a phone asks for them, and what a founder sees of them at once."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils import timezone

from tenants.consulting.models import Availability, Booking, BookingTerms, HoursException
from tests.factories.consulting import AvailabilityFactory, BookingFactory

from .test_pages import soon

pytestmark = pytest.mark.django_db


def hours(**values):
    day = timezone.localdate() + timedelta(days=7)
    return {
        "weekday": str(day.isoweekday()),
        "starts": "10:00",
        "ends": "12:00",
        "minutes": "60",
        "place": "online",
        "seats": "1",
        "on_holidays": "on",
        **values,
    }


def test_hours_are_added_shown_and_taken_out(as_adviser, adviser):
    page = reverse("advise:hours")
    assert as_adviser.post(page, hours()).status_code == 302
    kept = Availability.objects.get()
    assert as_adviser.get(page).context["hours"] == [kept]
    assert as_adviser.post(page, hours(starts="11:00")).status_code == 422
    as_adviser.post(reverse("advise:end_hours", args=[kept.pk]))
    assert as_adviser.get(page).context["hours"] == []


@pytest.mark.parametrize(
    "values",
    [
        {"ends": "10:30"},
        {"starts": "25:00"},
        {"weekday": "8"},
        {"minutes": "7"},
        {"seats": "0"},
        {"place": "room"},
        {"online_url": "javascript:alert(1)"},
        {"first": "2027-02-30"},
        {"first": "2027-02-02", "last": "2027-02-01"},
    ],
)
def test_what_makes_no_hours_is_refused_at_its_field(as_adviser, values):
    assert as_adviser.post(reverse("advise:hours"), hours(**values)).status_code == 422
    assert Availability.objects.count() == 0


def test_a_founder_books_an_hour_of_them_at_once(as_founder, as_adviser, adviser, founder):
    as_adviser.post(reverse("advise:hours"), hours())
    answer = as_founder.get(reverse("consulting:home"))
    choice = answer.context["days"][0].advisers[0][1][0]
    assert as_founder.get(choice.url).status_code == 200
    values = {"attendee": founder.pk, "topic": "특허", "weeks": "1"}
    assert as_founder.post(choice.url, values).status_code == 302
    assert Booking.objects.get().adviser == adviser


def test_hours_changed_between_look_and_click_lose_nothing_that_was_typed(as_founder, adviser, founder):
    day = timezone.localdate() + timedelta(days=7)
    in_force = DateRange(timezone.localdate(), None)
    rule = AvailabilityFactory(
        adviser=adviser, weekday=str(day.isoweekday()), on_holidays=True, period=in_force
    )
    answer = as_founder.get(reverse("consulting:home"))
    choice = answer.context["days"][0].advisers[0][1][0]
    Availability.objects.filter(pk=rule.pk).update(starts="14:30")
    values = {"attendee": founder.pk, "topic": "잃으면 안 되는 글", "weeks": "1"}
    refused = as_founder.post(choice.url, values)
    assert refused.status_code == 422
    assert "잃으면 안 되는 글" in refused.text
    assert refused.context["others"]
    assert Booking.objects.count() == 0


@pytest.mark.parametrize("key", ["x", "1-2-3", "999-209912312359-60"])
def test_a_key_of_nothing_is_no_page(as_founder, key):
    assert as_founder.get(reverse("consulting:book_time", args=[key])).status_code == 404


def test_away_closes_the_days_and_says_what_is_booked_in_them(as_adviser, adviser):
    BookingFactory(slot__adviser=adviser, slot__starts=soon(48))
    day = soon(48).date().isoformat()
    answer = as_adviser.post(reverse("advise:away"), {"first": day}, follow=True)
    assert HoursException.objects.get().period.upper - HoursException.objects.get().period.lower == timedelta(
        days=1
    )
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    as_adviser.post(reverse("advise:remove_exception", args=[HoursException.objects.get().pk]))
    assert HoursException.objects.count() == 0


def test_terms_are_kept(as_adviser, adviser):
    values = {
        "minutes_before": "5",
        "minutes_after": "10",
        "notice_hours": "24",
        "horizon_days": "30",
        "needs_approval": "on",
        "answer_hours": "24",
    }
    assert as_adviser.post(reverse("advise:terms"), values).status_code == 302
    terms = BookingTerms.objects.get()
    assert (terms.adviser, terms.minutes_after, terms.needs_approval) == (adviser, 10, True)
    assert as_adviser.post(reverse("advise:terms"), {**values, "horizon_days": "9999"}).status_code == 422


def test_extra_hours_are_offered(as_adviser, adviser):
    day = soon(48).date().isoformat()
    values = {"day": day, "starts": "19:00", "ends": "21:00", "minutes": "60", "place": "online"}
    assert as_adviser.post(reverse("advise:extra"), values).status_code == 302
    assert HoursException.objects.get().kind == "extra"
