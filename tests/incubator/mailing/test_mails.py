"""Mails are written once, sent at most once, tried again after a refusal, and left to a person where nobody can know."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import ProgrammingError, connection, transaction

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from incubator.mailing import selectors, services
from incubator.mailing.errors import NotUnclear, WrittenBefore
from incubator.mailing.models import Mail
from incubator.mailing.tasks import deliver
from tests.factories.accounts import UserFactory, acting, acting_staff

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def written(key="a", user=None, **values):
    return services.write_mail(
        topic="test",
        key=key,
        user=user or UserFactory(),
        template="deadlines",
        context={"items": [{"days_left": 7, "clock": {"title": "t", "due": NOW.date()}}]},
        now=NOW,
        **values,
    )


class Refusing(EmailBackend):
    """Does to each mail what `outcomes` says next; nothing left to say means it is taken."""

    outcomes: list[Exception] = []
    at_opening: list[Exception] = []

    def open(self):
        if self.at_opening:
            raise self.at_opening.pop(0)
        return True

    def send_messages(self, messages):
        if self.outcomes:
            raise self.outcomes.pop(0)
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = "tests.incubator.mailing.test_mails.Refusing"
    monkeypatch.setattr(Refusing, "outcomes", [])
    monkeypatch.setattr(Refusing, "at_opening", [])
    return Refusing


@pytest.mark.django_db
class TestWriting:
    def test_a_key_is_written_once(self):
        first = written()
        with pytest.raises(WrittenBefore):
            written()
        assert list(Mail.objects.all()) == [first]

    def test_what_is_written_stays(self):
        written()
        for change in (
            lambda: Mail.objects.update(body="other"),
            lambda: Mail.objects.update(address="other@test.example"),
            lambda: Mail.objects.all()._raw_delete("default"),
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change()

    def test_only_staff_read_mails(self):
        written()
        person = UserFactory()
        assert selectors.mails_for(acting(person, "founder", 1)).count() == 0
        assert selectors.mails_for(acting_staff()).count() == 1
        for role in (Role.FOUNDER, Role.INVESTOR, Role.ADVISER, Role.PUBLIC):
            with (
                database_role(role, user_id=person.pk, company_ids=[1]),
                connection.cursor() as cursor,
                pytest.raises(ProgrammingError),
                transaction.atomic(),
            ):
                cursor.execute("SELECT body FROM mailing_mail")


@pytest.mark.django_db(transaction=True)
class TestSending:
    """Really committed: the claim must be, before the mail server hears anything."""

    def make(self, key="a"):
        Mail.objects.bulk_create(
            [
                Mail(
                    topic="test",
                    key=key,
                    user=UserFactory(),
                    address=f"{key}@test.example",
                    subject="s",
                    made_at=NOW,
                )
            ]
        )
        return Mail.objects.get(key=key)

    def test_once_however_often_it_is_delivered(self):
        letter = self.make()
        for _again in range(3):
            deliver(letter.pk)
        assert [each.to for each in mail.outbox] == [["a@test.example"]]
        letter.refresh_from_db()
        assert (letter.sent_at is not None, letter.attempts) == (True, 1)

    def test_the_claim_is_committed_before_the_server_hears_of_it(self, server, monkeypatch):
        letter, seen = self.make(), []

        def look(self, messages):
            assert not connection.in_atomic_block
            seen.append(Mail.objects.get(pk=letter.pk).claimed_at)
            return len(messages)

        monkeypatch.setattr(Refusing, "send_messages", look)
        deliver(letter.pk)
        assert seen[0] is not None

    @pytest.mark.parametrize("place", ["at_opening", "outcomes"])
    def test_a_refusal_is_tried_again(self, server, place):
        refusal = {
            "at_opening": ConnectionRefusedError("away"),
            "outcomes": SMTPRecipientsRefused({"a@test.example": (450, b"later")}),
        }[place]
        setattr(server, place, [refusal])
        letter = self.make()
        deliver(letter.pk)
        letter.refresh_from_db()
        assert (letter.sent_at, letter.claimed_at, letter.attempts, mail.outbox) == (None, None, 1, [])
        assert type(refusal).__name__ in letter.failure
        deliver(letter.pk)
        assert len(mail.outbox) == 1

    @pytest.mark.parametrize("error", [SMTPServerDisconnected("gone"), TimeoutError("slow")])
    def test_a_connection_that_breaks_is_never_repeated_by_itself(self, server, error):
        server.outcomes = [error]
        letter = self.make()
        deliver(letter.pk)
        deliver(letter.pk)
        with transaction.atomic():
            assert services.deliver_waiting(now=NOW + timedelta(hours=1)) == 0
        assert mail.outbox == []
        assert selectors.unclear_for(None, datetime.now(UTC) + timedelta(hours=1)).get() == letter

    def test_a_sender_that_dies_leaves_it_to_a_person(self, monkeypatch):
        def die(**_values):
            raise KeyboardInterrupt

        monkeypatch.setattr(services, "transmit", die)
        letter = self.make()
        with pytest.raises(KeyboardInterrupt):
            deliver(letter.pk)
        monkeypatch.undo()
        deliver(letter.pk)
        assert mail.outbox == []
        later = datetime.now(UTC) + timedelta(minutes=16)
        manager = acting_staff(StaffGroup.LEASES)
        with pytest.raises(NotUnclear):
            services.send_again(mail=letter, actor=manager, now=datetime.now(UTC))
        with pytest.raises(NotAllowed):
            services.send_again(mail=letter, actor=acting_staff(StaffGroup.AUDITOR), now=later)
        services.send_again(mail=letter, actor=manager, now=later)
        assert len(mail.outbox) == 1
        with pytest.raises(NotUnclear):
            services.send_again(mail=letter, actor=manager, now=later + timedelta(days=1))

    def test_what_the_queue_lost_is_found_again(self):
        letter = self.make()
        with transaction.atomic():
            assert services.deliver_waiting(now=NOW + timedelta(minutes=4)) == 0
            assert services.deliver_waiting(now=NOW + timedelta(minutes=6)) == 1
        letter.refresh_from_db()
        assert letter.sent_at is not None
        assert len(mail.outbox) == 1
