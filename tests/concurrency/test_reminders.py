"""Several daily runs at the same moment: each person gets one digest, each stage stands once."""

from datetime import date, timedelta

import pytest
from django.core import mail

from incubator.mailing import services as mailing
from incubator.mailing.models import Mail
from tenants.deadlines import services
from tenants.deadlines.models import DutyKind, Reminder
from tests.concurrency.test_leases import all_at_once
from tests.factories.companies import founder_of
from tests.factories.deadlines import at, lease_until, resident

pytestmark = pytest.mark.django_db(transaction=True)

END = date(2027, 6, 30)
NOW = at(END - timedelta(days=60))
RUNS, PEOPLE = 6, 5


@pytest.fixture
def people():
    DutyKind.objects.update(active=False)
    found = []
    for _n in range(PEOPLE):
        company = resident()
        lease_until(company, END)
        found.append(founder_of(company))
    return found


def runs(moments):
    return [lambda moment=moment: services.remind(actor=None, now=moment) for moment in moments]


def test_six_runs_at_once_tell_everyone_once(people):
    assert all_at_once(runs([NOW] * RUNS)) == {"done": RUNS}
    assert Mail.objects.count() == PEOPLE
    assert sorted(each.to[0] for each in mail.outbox) == sorted(person.email for person in people)
    # Two stages of two clocks each: one sent, the earlier ones superseded.
    sent = Reminder.objects.filter(superseded=False)
    assert (sent.filter(kind="lease_end").count(), sent.filter(kind="extension").count()) == (PEOPLE, PEOPLE)


def test_runs_of_two_days_at_once_tell_everyone_once(people):
    """Around midnight the two write digests of different days: the reminders themselves are what is unique."""
    moments = [NOW, NOW + timedelta(days=1)] * 3
    assert all_at_once(runs(moments)) == {"done": RUNS}
    assert Reminder.objects.filter(kind="lease_end", superseded=False).count() == PEOPLE
    assert Mail.objects.count() == len(mail.outbox) == PEOPLE


def test_without_the_unique_key_they_would_be_told_several_times(people, monkeypatch):
    """The control: with a key of its own for each mail, and nothing that is unique about reminders, the race shows."""
    from django.db import connection

    once = next(each for each in Reminder._meta.constraints if each.name == "deadlines_reminder_once")
    write, count = mailing.write_mail, iter(range(10_000))
    monkeypatch.setattr(
        "tenants.deadlines.services.reminders.write_mail",
        lambda **values: write(**{**values, "key": f"{values['key']}/{next(count)}"}),
    )
    with connection.schema_editor() as editor:
        editor.remove_constraint(Reminder, once)
    try:
        assert all_at_once(runs([NOW] * RUNS)) == {"done": RUNS}
        assert Mail.objects.count() > PEOPLE
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE deadlines_reminder CASCADE")
        with connection.schema_editor() as editor:
            editor.add_constraint(Reminder, once)


def test_a_mail_that_many_take_is_taken_once(people):
    letter = Mail.objects.create(
        topic="test", key="one", user=people[0], address="one@test.example", subject="s", made_at=NOW
    )
    taken: list[bool] = []
    claim = [lambda: taken.append(mailing.claim(mail_id=letter.pk, now=NOW))]
    assert all_at_once(claim * 8) == {"done": 8}
    assert sorted(taken) == [False] * 7 + [True]
