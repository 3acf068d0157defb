"""Seats, the waiting list, leaving."""

import pytest
from django.db import IntegrityError, transaction

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from incubator.mailing.models import Mail
from tenants.programmes import services
from tenants.programmes.errors import (
    NotSignedUp,
    PersonNotMember,
    ProgrammeBegun,
    ProgrammeFull,
    ProgrammeUnknown,
    ReasonMissing,
    SeatsTaken,
    SignedUpAlready,
    SignUpClosed,
)
from tenants.programmes.models import SignUp
from tests.factories.accounts import acting_staff
from tests.factories.consulting import NOW, at
from tests.factories.programmes import SignUpFactory, programme, someone

pytestmark = pytest.mark.django_db


def join(found, company, founder, **values):
    """Sign up as a request of the founder does: behind her wall."""
    with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
        return services.sign_up(
            programme=found,
            company=company,
            person=values.pop("person", founder),
            actor=founder,
            now=values.pop("now", NOW),
            **values,
        )


def test_seats_are_counted_and_the_list_moves_up_by_itself_and_tells_once():
    found = programme(seats=1)
    (one, first), (two, second), (three, third) = someone(), someone(), someone()
    seated = join(found, one, first)
    assert seated.state == "signed"
    with pytest.raises(ProgrammeFull):
        join(found, two, second)
    assert join(found, two, second, wait=True).state == "waiting"
    assert join(found, three, third, wait=True).state == "waiting"
    found.refresh_from_db()
    assert (found.taken, found.waiting, found.is_full) == (1, 2, True)

    with database_role(Role.FOUNDER, user_id=first.pk, company_ids=[one.pk]):
        services.leave(sign_up=seated, reason="출장", actor=first, now=NOW)
    states = dict(SignUp.objects.values_list("person_id", "state"))
    assert states == {first.pk: "left", second.pk: "signed", third.pk: "waiting"}
    assert list(Mail.objects.values_list("user_id", flat=True)) == [second.pk]
    assert found.title in Mail.objects.get().body
    found.refresh_from_db()
    assert (found.taken, found.waiting) == (1, 1)


def test_whoever_left_may_come_back_behind_those_who_wait():
    found = programme(seats=1)
    (one, first), (two, second) = someone(), someone()
    seated = join(found, one, first)
    join(found, two, second, wait=True)
    services.leave(sign_up=seated, reason="출장", actor=first, now=NOW)
    assert join(found, one, first, wait=True).state == "waiting"


def test_more_seats_bring_those_who_wait_up_and_fewer_than_taken_are_refused():
    found = programme(seats=1)
    for company, founder in (someone(), someone(), someone()):
        join(found, company, founder, wait=True)
    manager = acting_staff("consulting")
    services.change_programme(programme=found, seats=3, actor=manager, now=NOW)
    assert set(SignUp.objects.values_list("state", flat=True)) == {"signed"}
    with pytest.raises(SeatsTaken):
        services.change_programme(programme=found, seats=2, actor=manager, now=NOW)


def test_who_left_the_company_does_not_move_up():
    found = programme(seats=1)
    (one, first), (two, second), (three, third) = someone(), someone(), someone()
    seated = join(found, one, first)
    join(found, two, second, wait=True)
    join(found, three, third, wait=True)
    two.memberships.all().delete()
    services.leave(sign_up=seated, reason="출장", actor=first, now=NOW)
    assert SignUp.objects.get(person=third).state == "signed"
    assert SignUp.objects.get(person=second).state == "waiting"


@pytest.mark.parametrize(
    ("values", "moment"),
    [
        ({"opens_at": at(3, 9)}, NOW),
        ({}, at(10, 18)),
        ({"state": "running"}, NOW),
        ({"closes_at": at(20, 9)}, at(12, 14)),  # the first meeting has begun
    ],
)
def test_outside_its_window_nobody_signs_up(values, moment):
    company, founder = someone()
    with pytest.raises(SignUpClosed):
        join(programme(**values), company, founder, now=moment)


def test_what_is_refused():
    found, draft = programme(seats=3), programme(state="draft")
    (company, founder), (other, stranger) = someone(), someone()
    with pytest.raises(NotAllowed):
        join(found, other, founder)
    with pytest.raises(PersonNotMember):
        join(found, company, founder, person=stranger)
    with pytest.raises(ProgrammeUnknown):
        join(draft, company, founder)
    join(found, company, founder)
    with pytest.raises(SignedUpAlready):
        join(found, company, founder)


def test_leaving_ends_with_the_first_meeting_but_not_for_the_office():
    found = programme()
    company, founder = someone()
    seated = join(found, company, founder)
    with pytest.raises(ReasonMissing):
        services.leave(sign_up=seated, reason=" ", actor=founder, now=NOW)
    with pytest.raises(ProgrammeBegun):
        services.leave(sign_up=seated, reason="출장", actor=founder, now=at(12, 14))
    services.leave(sign_up=seated, reason="퇴사", actor=acting_staff("consulting"), now=at(12, 15))
    with pytest.raises(NotSignedUp):
        services.leave(sign_up=seated, reason="출장", actor=founder, now=NOW)
    with pytest.raises(NotAllowed):
        services.leave(sign_up=seated, reason="출장", actor=acting_staff("leases"), now=NOW)


def test_the_database_refuses_one_seat_too_many():
    found = programme(seats=1)
    SignUpFactory(programme=found)
    with pytest.raises(IntegrityError, match="programmes_seats_suffice"), transaction.atomic():
        SignUpFactory(programme=found)


def test_calling_off_tells_everyone_once_and_frees_nothing_twice():
    found = programme(seats=1)
    (one, first), (two, second), (three, third) = someone(), someone(), someone()
    for company, founder in ((one, first), (two, second), (three, third)):
        join(found, company, founder, wait=True)
    gone = SignUp.objects.get(person=third)
    services.leave(sign_up=gone, reason="출장", actor=third, now=NOW)
    manager = acting_staff("consulting")
    services.call_off_programme(programme=found, reason="강사 사정", actor=manager, now=NOW)
    mails = Mail.objects.filter(key__contains="/off/")
    assert set(mails.values_list("user_id", flat=True)) == {first.pk, second.pk}
    assert all("강사 사정" in mail.body for mail in mails)
    with pytest.raises(SignUpClosed):
        join(found, three, third)
