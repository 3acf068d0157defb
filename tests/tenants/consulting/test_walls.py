"""What the database lets each role read and write, whatever the code asks for."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from incubator.common.dbroles import Role, database_role
from tenants.companies.models import Company
from tenants.consulting import selectors
from tenants.consulting.models import (
    Adviser,
    Attendance,
    Availability,
    Booking,
    SessionReport,
    Slot,
    SlotLink,
)
from tests.factories.accounts import sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.consulting import (
    NOW,
    AttendanceFactory,
    BookingFactory,
    NextStepFactory,
    SessionReportFactory,
    SlotFactory,
    SlotLinkFactory,
    adviser_person,
    at,
    cancelled,
)

pytestmark = pytest.mark.django_db

MODELS = (Adviser, Slot, SlotLink, Booking, Attendance, SessionReport, Availability)
MARKER = "남이 읽으면 안 되는 글"


def as_founder_of(company, user=None):
    return database_role(Role.FOUNDER, user_id=user.pk if user else 0, company_ids=[company.pk])


def as_adviser(adviser):
    return database_role(Role.ADVISER, user_id=adviser.user_id, adviser_id=adviser.pk)


def refused(make):
    with pytest.raises(ProgrammingError) as caught, transaction.atomic():
        make()
    return str(caught.value).splitlines()[0]


@pytest.fixture
def others():
    """Everything that another company and another adviser have between them."""
    held = BookingFactory(slot__starts=at(1, 8), state="held", topic=MARKER)
    AttendanceFactory(booking=held)
    NextStepFactory(report=SessionReportFactory(booking=held, advice=MARKER), text=MARKER)
    coming = BookingFactory(slot__starts=at(3, 9), company=held.company, topic=MARKER)
    SlotLinkFactory(slot=coming.slot, url=f"https://meet.example/{MARKER}")
    gone = cancelled(slot__starts=at(3, 11), company=held.company, topic=MARKER)
    SlotLinkFactory(slot=gone.slot, url=f"https://meet.example/{MARKER}")
    return held, coming, gone


class TestFounder:
    def test_reads_the_own_companys_and_that_slots_are_taken(self, others, company):
        held, coming, gone = others
        own = BookingFactory(company=company, slot__starts=at(4, 9))
        withdrawn = SlotFactory(starts=at(5, 9), state="withdrawn", withdrawn_at=NOW, withdrawn_reason="출장")
        with as_founder_of(company):
            assert list(Booking.objects.all()) == [own]
            assert list(Attendance.objects.all()) == list(SessionReport.objects.all()) == []
            assert list(SlotLink.objects.all()) == []
            assert dict(Slot.objects.values_list("pk", "taken")) == {
                held.slot_id: True,
                coming.slot_id: True,
                gone.slot_id: False,
                own.slot_id: True,
            }
            assert withdrawn not in Slot.objects.all()

    def test_reads_no_address_of_an_adviser(self, company):
        SlotFactory()
        with as_founder_of(company):
            assert "permission denied" in refused(lambda: list(Adviser.objects.values_list("email")))
            assert Adviser.objects.defer(*Adviser.PRIVATE_FIELDS).get().name

    def test_the_online_address_goes_with_the_booking(self, company):
        booking = BookingFactory(company=company)
        link = SlotLinkFactory(slot=booking.slot)
        with as_founder_of(company):
            assert list(SlotLink.objects.all()) == [link]
        Booking.objects.update(
            state="cancelled", cancelled_at=NOW, cancelled_side="adviser", cancel_reason="병환"
        )
        with as_founder_of(company):
            assert list(SlotLink.objects.all()) == []

    def test_books_only_for_the_own_company_its_members_and_in_the_own_name(self, company, founder):
        elsewhere = CompanyFactory()
        other, slot = founder_of(elsewhere), SlotFactory()

        def insert(**changed):
            values = {
                "slot": slot,
                "adviser_id": slot.adviser_id,
                "period": slot.period,
                "company": company,
                "attendee": founder,
                "booked_by": founder,
                "booked_at": NOW,
                "topic": "특허",
            }
            return Booking.objects.create(**{**values, **changed})

        with as_founder_of(company, founder):
            for changed in (
                {"company": elsewhere},
                {"attendee": other},
                {"booked_by": other},
                {"state": "held"},
            ):
                assert "row-level security" in refused(lambda changed=changed: insert(**changed))
            assert insert().pk

    def test_changes_nothing_of_a_booking_but_its_end(self, company):
        booking = BookingFactory(company=company)
        with as_founder_of(company):
            assert "permission denied" in refused(lambda: Booking.objects.update(topic="다른 말"))
            assert "permission denied" in refused(lambda: Slot.objects.update(state="withdrawn"))
            assert "permission denied" in refused(lambda: Adviser.objects.update(name="다른 이름"))
            assert "permission denied" in refused(
                lambda: Booking.objects.filter(pk=booking.pk)._raw_delete("default")
            )

    def test_who_attended_keeps_a_name_after_leaving_the_company(self, company):
        booking = BookingFactory(company=company)
        company.memberships.all().delete()
        with as_founder_of(company):
            assert Booking.objects.in_full().get().attendee.name == booking.attendee.name


class TestAdviser:
    def test_reads_the_own_sessions_and_their_companies(self, others, adviser):
        own = BookingFactory(slot__adviser=adviser)
        adviser_person(adviser)
        with as_adviser(adviser):
            assert list(Booking.objects.all()) == [own]
            assert list(Slot.objects.all()) == [own.slot]
            assert list(SlotLink.objects.all()) == list(SessionReport.objects.all()) == []
            assert list(Company.objects.values_list("pk", flat=True)) == [own.company_id]
            assert list(Adviser.objects.values_list("pk", flat=True)) == [adviser.pk]
            refused_columns = refused(lambda: list(Company.objects.values_list("business_number")))
            assert "permission denied" in refused_columns

    def test_reads_what_others_advised_the_companies_they_meet(self, others, adviser):
        held, _, _ = others
        adviser_person(adviser)
        booking = BookingFactory(slot__adviser=adviser, company=held.company)
        with as_adviser(adviser):
            assert [report.adviser.name for report in SessionReport.objects.with_adviser()] == [
                held.adviser.name
            ]
        Booking.objects.filter(pk=booking.pk).update(
            state="cancelled", cancelled_at=NOW, cancelled_side="company", cancel_reason="일정"
        )
        with as_adviser(adviser):
            assert list(SessionReport.objects.all()) == []

    def test_writes_nothing_of_a_colleagues(self, others, adviser):
        held, coming, _ = others
        adviser_person(adviser)
        with as_adviser(adviser):
            assert Booking.objects.update(state="held") == 0
            assert Slot.objects.filter(pk=coming.slot_id).update(state="withdrawn") == 0
            assert "row-level security" in refused(lambda: SlotFactory(adviser=held.adviser))
            assert "row-level security" in refused(
                lambda: Attendance.objects.create(
                    booking_id=coming.pk, adviser_came=True, company_came=True, recorded_at=NOW
                )
            )
            assert "permission denied" in refused(lambda: Booking.objects.update(topic="다른 말"))
            assert "permission denied" in refused(lambda: Adviser.objects.update(active=False))


@pytest.mark.parametrize("role", [Role.INVESTOR, Role.PUBLIC])
def test_investors_and_the_public_read_nothing(role):
    with database_role(role, firm_ids=[1]):
        for model in MODELS:
            assert "permission denied" in refused(lambda model=model: model.objects.exists())


class TestForgetfulSelectors:
    """With every `*_for` returning everything, pages and API still show nobody else's."""

    @pytest.fixture
    def forgetful(self, monkeypatch):
        everything = {
            "advisers_for": Adviser,
            "slots_for": Slot,
            "bookings_for": Booking,
            "reports_for": SessionReport,
        }
        for name, model in everything.items():
            monkeypatch.setattr(selectors, name, lambda user, model=model: model.objects.all())

    def texts(self, client, adviser=False):
        names = ["advise:home"] if adviser else ["consulting:home", "consulting:sessions"]
        addresses = [reverse(name) for name in names] + [
            reverse("api:booking-list"),
            reverse("api:slot-list"),
        ]
        for name, model in (("advise" if adviser else "consulting", Booking),):
            addresses += [
                reverse(f"{name}:booking", args=[pk]) for pk in model.objects.values_list("pk", flat=True)
            ]
        answers = [client.get(address) for address in addresses]
        assert {answer.status_code for answer in answers} <= {200, 404}
        return "".join(answer.text for answer in answers)

    def test_a_founder_finds_no_marker(self, others, forgetful, company):
        BookingFactory(company=company, slot__starts=at(4, 9))
        text = self.texts(sign_in(Client(), founder_of(company)))
        assert MARKER not in text

    def test_an_adviser_finds_no_marker(self, others, forgetful, adviser):
        BookingFactory(slot__adviser=adviser, slot__starts=at(4, 9))
        text = self.texts(sign_in(Client(), adviser_person(adviser)), adviser=True)
        assert MARKER not in text

    def test_the_next_company_on_the_slot_finds_no_marker(self, others, forgetful, company):
        _, _, gone = others
        BookingFactory(slot=gone.slot, company=company)
        assert MARKER not in self.texts(sign_in(Client(), founder_of(company))).replace(
            "meet.example/" + MARKER, ""
        )

    def test_without_the_walls_they_would(self, others, forgetful, company):
        person = founder_of(company)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for model in (*MODELS, Company):
                cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DISABLE ROW LEVEL SECURITY')
        assert MARKER in self.texts(sign_in(Client(), person))
