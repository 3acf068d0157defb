"""The founder's view of free times and the search among them, small and large, and a feed of ten years.

The large camp has 200 advisers and two years of bookings, the small one 24 and a month.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event

from incubator.accounts.models import User
from tenants.companies.models import Company
from tenants.consulting import services
from tenants.consulting.enums import AdviceField
from tenants.consulting.models import Adviser, Availability
from tests.factories.accounts import sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.consulting import AdviserFactory
from tests.performance.conftest import Bench
from tests.queries import cost

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 10
ROUNDS = 15
# Sessions of every adviser, three a week, of whose hours they are; `weeks` of them, two thirds in the past.
FILL = """
INSERT INTO consulting_slot (adviser_id, period, held, state, taken, origin, place, seats, withdrawn_reason,
    created_at, updated_at)
  SELECT a.id, p, p, 'open', true, 'hours', 'online', 1, '', now(), now()
  FROM consulting_adviser a, generate_series(%(first)s::int, %(last)s::int) week, generate_series(0, 2) hour,
    LATERAL (SELECT tstzrange(begins, begins + interval '1 hour') FROM (SELECT
      (date_trunc('week', now() AT TIME ZONE 'Asia/Seoul')
        + make_interval(weeks => week, days => (a.id %% 5)::int, hours => 14 + hour))
      AT TIME ZONE 'Asia/Seoul') AS at(begins)) AS span(p);
INSERT INTO consulting_booking (slot_id, adviser_id, period, company_id, attendee_id, topic, state, booked_by_id, booked_at,
    cancelled_side, cancel_reason, ended_as, late, seat, sequence, move_reason, click, created_at, updated_at)
  SELECT id, adviser_id, period, %(company)s, %(person)s, '상담', 'booked', %(person)s, now(), '', '', '', false, 1, 0, '', '',
    now(), now() FROM consulting_slot;
ANALYZE;
"""


def fill(advisers: int, first: int, last: int, other: tuple[User, Company]) -> None:
    """Advisers with two afternoons a week, and sessions in one of them from the first to the last week around this one."""
    fields = list(AdviceField.values)
    made = [
        AdviserFactory(fields=[fields[n % 8], fields[n // 8 % 8]], languages=["ko", "en"][: 1 + n % 2])
        for n in range(advisers - Adviser.objects.count())
    ]
    Availability.objects.bulk_create(
        Availability(
            adviser=adviser,
            weekday=str(1 + (adviser.pk + shift) % 5),
            starts="14:00",
            ends="18:00",
            period=DateRange(timezone.localdate() - timedelta(days=900), None),
        )
        for adviser in made
        for shift in (0, 2)
    )
    person, company = other
    values = {"first": first, "last": last, "company": company.pk, "person": person.pk}
    with connection.cursor() as cursor:
        # What triggers would keep is written as they would; 60,000 rows at once would take them minutes.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM consulting_booking; DELETE FROM consulting_slot")
        cursor.execute(FILL, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def milliseconds(call: Callable[[], object]) -> float:
    call()
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        spent.append((time.perf_counter() - began) * 1000)
    return median(spent)


def test_day_view_and_search(bench: Bench) -> None:
    client, company = Client(), CompanyFactory()
    sign_in(client, founder_of(company))
    other = CompanyFactory()
    crowd = (founder_of(other), other)
    week = (timezone.localdate() + timedelta(days=7)).isoformat()
    pages = {
        "day view": reverse("consulting:home") + f"?week={week}",
        "search": reverse("consulting:home") + "?field=patents&language=en",
    }
    measured: dict[tuple[str, str], float] = {}
    for size, advisers, first, last in (("small", 24, -3, 1), ("large", 200, -98, 6)):
        fill(advisers, first, last, crowd)
        for name, path in pages.items():
            statements = cost(client, path)
            assert statements <= MOST_STATEMENTS, (name, size, statements)
            measured[name, size] = milliseconds(lambda path=path: client.get(path))
            bench.figure(f"free times, {name}, {size} camp", round(measured[name, size], 2), "ms")
            bench.figure(f"free times, {name}, {size} camp, statements", statements, "")
    for name in pages:
        ratio = measured[name, "large"] / measured[name, "small"]
        bench.figure(f"free times, {name}, large to small (at most 2)", round(ratio, 2), "times")


def test_feed_of_ten_years(bench: Bench) -> None:
    company = CompanyFactory()
    founder = founder_of(company)
    AdviserFactory()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(FILL, {"first": -520, "last": 1, "company": company.pk, "person": founder.pk})
        cursor.execute(
            "INSERT INTO consulting_attendee (booking_id, person_id, company_id, held, live)"
            " SELECT id, attendee_id, company_id, period, true FROM consulting_booking"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    now = timezone.now()
    token = services.renew_feed(user=founder, actor=founder, now=now)
    content = services.feed_of(token, now=now)
    assert content is not None
    events = Calendar.from_ical(content).walk("VEVENT")
    plain = [{name: event[name] for name in event} for event in events]

    def from_memory() -> bytes:
        calendar = Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", "-//x//y")
        for values in plain:
            event = Event()
            for name, value in values.items():
                event.add(name, getattr(value, "dt", value))
            calendar.add_component(event)
        return calendar.to_ical()

    feed, memory = milliseconds(lambda: services.feed_of(token, now=now)), milliseconds(from_memory)
    bench.figure("feed of ten years, sessions", len(events), "")
    bench.figure("feed of ten years", round(feed, 2), "ms")
    bench.figure("feed of ten years, to icalendar from memory (at most 3)", round(feed / memory, 2), "times")
