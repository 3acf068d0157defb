"""Acceptance makes everything in one step; undoing takes everything back; letters go out once."""

from datetime import date

import pytest

from incubator.accounts.enums import StaffGroup
from incubator.accounts.models import Invitation, User
from incubator.accounts.services import accept_invitation, find_invitation
from incubator.common.errors import NotAllowed
from tenants.companies.models import Company, Membership, Residency
from tenants.intake import errors, selectors, services
from tenants.intake.links import Bearer
from tenants.intake.models import Acceptance, Application, Letter
from tenants.leases.errors import SpaceTaken
from tenants.leases.models import Lease
from tenants.leases.services import sign_lease
from tenants.lifecycle.errors import CompanyLivesHere, ContractSigned
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, ResidencyFactory, business_number
from tests.factories.intake import (
    accept,
    close,
    eligible,
    make_call,
    manager,
    now,
    reviewer,
    room,
    scored,
    submitted,
)

pytestmark = pytest.mark.django_db


def counts() -> tuple[int, ...]:
    models = (Company, Residency, Invitation, Lease, Membership, Acceptance)
    return tuple(model.objects.count() for model in models)


@pytest.fixture
def call():
    return make_call()


def ready(call, number=1, **more):
    application = eligible(call, f"회사{number}", number, contact_email=f"ceo{number}@hana.example", **more)
    close(call)
    return application


def test_one_step_makes_company_stay_invitations_and_an_offered_lease(
    call, django_capture_on_commit_callbacks, mailoutbox
):
    application, space = ready(call), room()
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        made = accept(application, manager(), space, note="환영합니다.")
    company = Company.objects.get()
    assert (company.name, company.business_number, company.summary) == (
        "회사1",
        business_number(50_001),
        "병원 영상을 읽습니다.",
    )
    assert [(stay.state, stay.period.lower) for stay in company.residencies.all()] == [
        ("admitted", date(2027, 1, 1))
    ]
    assert list(Invitation.objects.order_by("level").values_list("email", "level", "scope_id")) == [
        ("duri@hana.example", "member", company.pk),
        ("ceo1@hana.example", "owner", company.pk),
    ]
    assert (made.lease.state, made.lease.space, made.lease.company) == ("offered", space, company)
    assert len(mailoutbox) == 3
    letter = next(mail for mail in mailoutbox if "환영합니다." in mail.body)
    assert letter.to == ["apply1@회사1.example"]
    assert space.place in letter.body


def test_a_double_click_accepts_once(call):
    application, actor, space = ready(call), manager(), room()
    first = accept(application, actor, space)
    before = counts()
    assert accept(application, actor, space) == first
    assert counts() == before
    assert Letter.objects.filter(kind="accepted").count() == 1


def test_all_or_nothing(call):
    """The lease is the last thing made: when its space is taken, nothing of the rest stays."""
    space = room()
    accept(ready(call, 1), manager(), space)
    second = ready(call, 2) if call.takes_applications(now()) else None
    assert second is None
    other = eligible(make_call(), "회사2", 2, contact_email="ceo2@hana.example")
    close(other.call)
    before = counts()
    with pytest.raises(SpaceTaken):
        accept(other, manager(), space)
    assert counts() == before
    other.refresh_from_db()
    assert (other.state, Letter.objects.filter(application=other, kind="accepted").count()) == ("eligible", 0)


def test_places_are_a_wall_until_they_are_raised():
    call = make_call(places=1)
    first, second = (eligible(call, f"회사{n}", n, contact_email=f"ceo{n}@hana.example") for n in (1, 2))
    close(call)
    accept(first, manager())
    before = counts()
    with pytest.raises(errors.NoPlaceLeft):
        accept(second, manager())
    assert counts() == before
    call.places = 2
    services.save_call(call=call, actor=manager(), now=now())
    accept(second, manager())
    call.places = 1
    with pytest.raises(errors.PlacesBelowAccepted):
        services.save_call(call=call, actor=manager(), now=now())


def test_who_has_not_founded_is_admitted_with_a_number_only(call):
    application = eligible(call, "예비", None, email="pre@naver.com")
    close(call)
    with pytest.raises(errors.BusinessNumberNeeded):
        accept(application, manager())
    accept(application, manager(), business_number="124-81-00998")
    assert Company.objects.get().business_number == "1248100998"


def test_a_company_of_the_register_comes_back_unless_it_lives_here(call):
    known = CompanyFactory(business_number=business_number(50_001), name="옛 이름")
    stay = ResidencyFactory(company=known)
    application = ready(call)
    with pytest.raises(CompanyLivesHere):
        accept(application, manager())
    stay.delete()
    made = accept(application, manager())
    known.refresh_from_db()
    assert (made.company, made.company_is_new, known.name) == (known, False, "회사1")


def join(email: str) -> User:
    """The person opens the invitation that was mailed and comes in."""
    from incubator.accounts.tokens import hash_of

    Invitation.objects.filter(email=email).update(token_hash=hash_of(email))
    assert find_invitation(email, now=now())
    return accept_invitation(secret=email, user=None, name="새 사람", password="Ordinary-Words-42", now=now())


def test_undoing_takes_back_all_of_it(call, django_capture_on_commit_callbacks, mailoutbox):
    application, space = ready(call), room()
    made = accept(application, manager(), space)
    owner = join("ceo1@hana.example")
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        services.undo_acceptance(
            application=application, reason="서류가 다릅니다.", actor=manager(), now=now()
        )
    assert (Residency.objects.count(), Membership.objects.count()) == (0, 0)
    assert not Invitation.objects.filter(accepted_at=None, revoked_at=None).exists()
    made.lease.refresh_from_db()
    assert (made.lease.state, made.lease.period.isempty) == ("terminated", True)
    from incubator.accounts.acting import roles_of

    owner = User.objects.get(pk=owner.pk)
    assert roles_of(owner) == []
    made.refresh_from_db()
    assert (made.company.visible_to_investors, made.residency, made.undone_because) == (
        False,
        None,
        "서류가 다릅니다.",
    )
    assert [mail.to for mail in mailoutbox] == [["apply1@회사1.example"]]
    # The space is free, and the same application can be accepted again, with the company's old entry.
    again = accept(application, manager(), space)
    assert (again.company, Company.objects.count(), Letter.objects.filter(kind="accepted").count()) == (
        made.company,
        1,
        2,
    )


def test_nothing_is_taken_back_once_the_contract_is_signed(call):
    application = ready(call)
    made = accept(application, manager())
    sign_lease(lease=made.lease, reason="종이 계약서", actor=manager(), now=now())
    before = counts()
    for undo in (
        lambda: services.undo_acceptance(application=application, reason="x", actor=manager(), now=now()),
        lambda: services.decline_place(application=application, actor=Bearer(application.pk), now=now()),
    ):
        with pytest.raises(ContractSigned):
            undo()
    assert counts() == before
    application.refresh_from_db()
    assert application.state == "accepted"


def test_the_waiting_list_moves_up_when_a_place_is_declined(django_capture_on_commit_callbacks, mailoutbox):
    call = make_call(places=1)
    first, second, third = (
        eligible(call, f"회사{n}", n, contact_email=f"ceo{n}@hana.example") for n in (1, 2, 3)
    )
    close(call)
    accept(first, manager())
    for one in (second, third):
        services.put_on_waiting_list(application=one, actor=manager(), now=now())
    second.refresh_from_db(), third.refresh_from_db()
    assert (second.waiting_order, third.waiting_order, services.position(third)) == (1, 2, 2)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        services.decline_place(application=first, reason="이사", actor=Bearer(first.pk), now=now())
    assert [mail.to[0] for mail in mailoutbox] == ["apply1@회사1.example", "apply2@회사2.example"]
    assert list(selectors.places_free_for(manager())) == [second]
    accept(second, manager())
    assert list(selectors.places_free_for(manager())) == []
    third.refresh_from_db()
    assert services.position(third) == 1
    with pytest.raises(errors.NotAccepted):
        services.decline_place(application=first, actor=Bearer(first.pk), now=now())


def test_an_applicant_cannot_decline_for_another(call):
    application = ready(call)
    accept(application, manager())
    with pytest.raises(NotAllowed):
        services.decline_place(application=application, actor=Bearer(application.pk + 1), now=now())


def test_rejection_needs_a_reason_and_is_told_once(call, django_capture_on_commit_callbacks, mailoutbox):
    application = ready(call)
    mailoutbox.clear()
    with pytest.raises(errors.ReasonMissing):
        services.reject_application(application=application, reason=" ", actor=manager(), now=now())
    preview = services.preview_letter(application=application, kind="rejected", note="경쟁이 높았습니다.")
    with django_capture_on_commit_callbacks(execute=True):
        for _click in range(2):
            services.reject_application(
                application=application, reason="경쟁이 높았습니다.", actor=manager(), now=now()
            )
    assert [(mail.subject, mail.body) for mail in mailoutbox] == [(preview.subject, preview.body)]
    letter = Letter.objects.get(kind="rejected")
    assert services.send_letter(letter_id=letter.pk, now=now()) is False


def test_a_letter_that_was_lost_is_found_again(call, django_capture_on_commit_callbacks, mailoutbox):
    application = ready(call)
    services.reject_application(application=application, reason="x", actor=manager(), now=now())
    mailoutbox.clear()
    Letter.objects.exclude(kind="rejected").delete()
    from datetime import timedelta

    with django_capture_on_commit_callbacks(execute=True):
        assert services.send_waiting_letters(before=now() + timedelta(minutes=1)) == 1
    assert len(mailoutbox) == 1


def test_letters_are_in_the_applicants_language(call):
    application = ready(call)
    Application.objects.filter(pk=application.pk).update(language="en")
    application.refresh_from_db()
    assert "Dear 회사1" in services.preview_letter(application=application, kind="rejected", note="x").body


@pytest.mark.parametrize("group", [StaffGroup.MATCHING, StaffGroup.AUDITOR, StaffGroup.CREDITS])
def test_only_managers_of_leases_decide(call, group):
    application, actor = ready(call), acting_staff(group)
    for attempt in (
        lambda: accept(application, actor),
        lambda: services.reject_application(application=application, reason="x", actor=actor, now=now()),
        lambda: services.put_on_waiting_list(application=application, actor=actor, now=now()),
        lambda: services.move_call(call=call, state="decided", actor=actor, now=now()),
        lambda: services.assign_reviews(call=call, actor=actor, now=now()),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_a_call_goes_through_its_states(call):
    fresh = make_call(state="draft")
    go = {"actor": manager(), "now": now()}
    with pytest.raises(errors.WrongCallState):
        services.move_call(call=fresh, state="review", **go)
    services.move_call(call=fresh, state="open", **go)
    with pytest.raises(errors.StillOpen):
        services.move_call(call=fresh, state="screening", **go)
    application = eligible(call)
    close(call, "review")
    with pytest.raises(errors.Undecided):
        services.move_call(call=call, state="decided", **go)
    services.reject_application(application=application, reason="x", **go)
    assert services.move_call(call=call, state="decided", **go).decided_at is not None


def test_the_ranking_of_a_call():
    call = make_call()
    one, two = eligible(call, "하나", 1), eligible(call, "두리", 2)
    submitted(make_call(), "다른", 3)
    close(call)
    for by, scores in ((reviewer(call), ((5, 1), (3, 3))), (reviewer(call), ((1, 5), (3, 3)))):
        scored(one, by, *scores[0])
        scored(two, by, *scores[1])
    rows = selectors.ranking_for(manager(), call)
    assert [(row.application, row.ranked.place, row.ranked.total, row.ties) for row in rows] == [
        (one, 1, 50, ["#2"]),
        (two, 1, 50, ["#1"]),
    ]


def test_what_was_not_selected_is_forgotten_when_its_time_is_over(call):
    kept, gone = ready(call), None
    accept(kept, manager())
    other = make_call(keep_months=1)
    gone = eligible(other, "회사9", 9)
    close(other)
    services.reject_application(application=gone, reason="x", actor=manager(), now=now())
    services.move_call(call=other, state="decided", actor=manager(), now=now())
    assert services.forget_applications(now=now()) == 0
    from datetime import timedelta

    assert services.forget_applications(now=now() + timedelta(days=32)) == 1
    assert list(Application.objects.all()) == [kept]
