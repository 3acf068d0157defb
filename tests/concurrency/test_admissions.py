"""The last place, a double click, and two windows of one applicant, at the same moment."""

import pytest
from django.db import connection

from incubator.accounts.enums import StaffGroup
from tenants.companies.models import Company
from tenants.intake import services
from tenants.intake.links import Bearer
from tenants.intake.models import Acceptance, Application, Letter, Review
from tenants.leases.models import Lease
from tests.factories.accounts import acting_staff
from tests.factories.intake import (
    accept,
    assigned,
    begin,
    close,
    eligible,
    make_call,
    now,
    reviewer,
    room,
    typed,
)

from .test_grants import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def managers(count):
    return [acting_staff(StaffGroup.LEASES) for _number in range(count)]


def accepting(places, applications):
    call = make_call(places=places)
    found = [
        eligible(call, f"회사{n}", n, contact_email=f"ceo{n}@hana.example", team0_email="")
        for n in range(1, applications + 1)
    ]
    close(call)
    spaces = [room() for _one in found]
    return [
        lambda one=one, who=who, space=space: accept(one, who, space)
        for one, who, space in zip(found, managers(applications), spaces, strict=True)
    ]


def test_of_many_acceptances_for_the_last_place_one_is_made():
    assert all_at_once(accepting(1, 6)) == {"done": 1, "no_place_left": 5}
    assert (Company.objects.count(), Lease.objects.count(), Acceptance.objects.count()) == (1, 1, 1)
    assert Application.objects.filter(state="accepted").count() == 1


def test_control_without_the_trigger_there_are_more_than_places():
    attempts = accepting(1, 6)  # numbers are the guard's too, so they are given before it is gone
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE intake_application DISABLE TRIGGER intake_application_guard")
    try:
        assert all_at_once(attempts)["done"] > 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE intake_application ENABLE TRIGGER intake_application_guard")


def test_clicks_at_once_accept_once():
    call = make_call()
    application = eligible(call)
    close(call)
    space, [who] = room(), managers(1)
    assert all_at_once([lambda: accept(application, who, space)] * 6) == {"done": 6}
    assert (
        Company.objects.count(),
        Lease.objects.count(),
        Letter.objects.filter(kind="accepted").count(),
    ) == (1, 1, 1)


def test_two_submissions_at_once_are_one():
    call = make_call()
    application, bearer = begin(call)
    services.save_draft(application=application, draft=typed(call, "하나"), actor=bearer, now=now())
    submit = [
        lambda: services.submit_application(
            application=Application.objects.get(pk=application.pk), actor=bearer, now=now()
        )
    ] * 6
    assert all_at_once(submit) == {"done": 1, "already_submitted": 5}
    assert Letter.objects.filter(kind="receipt").count() == 1


def test_submissions_of_many_get_a_number_each():
    call = make_call()
    drafts = []
    for n in range(8):
        application, bearer = begin(call, f"a{n}@hana.example")
        services.save_draft(
            application=application, draft=typed(call, f"회사{n}", n + 1), actor=bearer, now=now()
        )
        drafts.append((application, bearer))
    attempts = [
        lambda one=one, by=by: services.submit_application(application=one, actor=by, now=now())
        for one, by in drafts
    ]
    assert all_at_once(attempts) == {"done": 8}
    assert sorted(Application.objects.values_list("number", flat=True)) == list(range(1, 9))


def test_links_asked_for_at_once_begin_one_application():
    call = make_call()
    ask = [
        lambda: services.ask_for_link(
            call=call, email="a@hana.example", language="ko", base_url="http://c.test", now=now()
        )
    ] * 6
    assert all_at_once(ask) == {"done": 6}
    assert Application.objects.count() == 1


def test_assignments_by_hand_at_once_never_pass_the_maximum():
    call = make_call()
    found = [eligible(call, f"회사{n}", n) for n in range(1, 7)]
    close(call)
    by = reviewer(call, maximum=2)
    attempts = [
        lambda one=one: services.assign_reviewer(application=one, reviewer=by, actor=None, now=now())
        for one in found
    ]
    assert all_at_once(attempts) == {"done": 2, "reviewer_full": 4}


def test_a_review_in_two_windows_is_submitted_once():
    call = make_call()
    application = eligible(call)
    close(call)
    by = reviewer(call)
    review = assigned(application, by)
    criteria = list(call.criteria.values_list("pk", flat=True))

    def submit():
        found = Review.objects.select_related("application__call", "reviewer").get(pk=review.pk)
        services.save_review(
            review=found, scores=dict.fromkeys(criteria, 4), comment="", submit=True, actor=by.user, now=now()
        )

    assert all_at_once([submit] * 5) == {"done": 1, "review_closed": 4}


def test_the_applicant_and_a_manager_at_once_decide_one_way():
    call = make_call()
    application = eligible(call)
    close(call)
    [who] = managers(1)
    outcome = all_at_once(
        [
            lambda: services.withdraw_application(
                application=Application.objects.get(pk=application.pk),
                actor=Bearer(application.pk),
                now=now(),
            ),
            lambda: accept(application, who, room()),
        ]
    )
    assert outcome["done"] == 1
    application.refresh_from_db()
    assert Company.objects.count() == (application.state == "accepted")
