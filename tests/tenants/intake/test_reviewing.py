"""Screening, conflicts, assignment and blind scores."""

import pytest
from allauth.account.models import EmailAddress
from django.db.utils import DatabaseError, IntegrityError
from django.test import Client
from django.urls import reverse

from incubator.accounts.enums import Kind
from incubator.accounts.services import accept_invitation, change_person, invite
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from tenants.intake import errors, services
from tenants.intake.enums import QuestionKind
from tenants.intake.models import (
    Answer,
    Applicant,
    Application,
    ApplicationFile,
    Conflict,
    Letter,
    Question,
    Review,
    Reviewer,
    Score,
    TeamMember,
)
from tests.factories.accounts import UserFactory, acting, sign_in
from tests.factories.companies import CompanyFactory, MembershipFactory, business_number
from tests.factories.intake import (
    assigned,
    close,
    eligible,
    furnish_call,
    make_call,
    manager,
    now,
    question,
    reviewer,
    scored,
    submitted,
)
from tests.queries import cost

pytestmark = pytest.mark.django_db


def conflicts_of(by: Reviewer) -> set[str]:
    services.find_conflicts(by.call)
    return set(Conflict.objects.filter(reviewer=by).values_list("kind", flat=True))


def test_not_eligible_needs_a_reason_and_is_written(django_capture_on_commit_callbacks, mailoutbox):
    call = make_call()
    application = submitted(call)
    close(call, "screening")
    with pytest.raises(errors.ReasonMissing):
        services.screen_application(application=application, eligible=False, actor=manager(), now=now())
    with django_capture_on_commit_callbacks(execute=True):
        services.screen_application(
            application=application,
            eligible=False,
            reason="업종이 맞지 않습니다.",
            actor=manager(),
            now=now(),
        )
    assert "업종이 맞지 않습니다." in mailoutbox[-1].body
    services.screen_application(application=application, eligible=True, actor=manager(), now=now())
    assert Application.objects.get().state == "eligible"


def test_more_documents_are_asked_for_and_added(mailoutbox):
    from datetime import timedelta

    from tenants.intake.links import Bearer
    from tests.factories.intake import upload

    application = submitted(make_call())
    until = now() + timedelta(days=3)
    services.ask_for_documents(
        application=application, what="사업자등록증", until=until, actor=manager(), now=now()
    )
    give = {"application": application, "question": None, "actor": Bearer(application.pk)}
    services.attach_file(**give, file=upload(), now=until)
    with pytest.raises(errors.NoDocumentsAsked):
        services.attach_file(**give, file=upload(), now=until + timedelta(seconds=1))


def test_questions_are_frozen_by_the_first_submission():
    call = make_call()
    asked = call.questions.first()
    asked.help = "바꾼 도움말"
    asked.save()
    submitted(call)
    for change in (
        lambda: Question.objects.filter(pk=asked.pk).update(text="x"),
        lambda: question(call, QuestionKind.SHORT),
        lambda: Question.objects.filter(pk=call.questions.last().pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="submitted already"), database_role(Role.STAFF):
            change()


def test_criteria_are_frozen_by_the_first_review():
    call = make_call()
    application = eligible(call)
    close(call)
    call.criteria.update(weight=50)
    scored(application, reviewer(call), 3, 4)
    with pytest.raises(IntegrityError, match="review was submitted"), database_role(Role.STAFF):
        call.criteria.update(weight=51)


# --- conflicts of interest


def test_conflicts_are_known_by_every_address_of_a_person():
    call = make_call()
    submitted(call, contact_email="ceo@hana.example", team0_email="duri@other.example")
    now_there = reviewer(call, email="x@hana.example")
    added = reviewer(call)
    EmailAddress.objects.create(user=added.user, email="duri@other.example", verified=True)
    formerly = reviewer(call, email="old@hana.example")
    formerly.user.email = "new@elsewhere.example"
    formerly.user.save()
    invited = reviewer(call)
    _invitation, secret = invite(
        email="ceo@hana.example",
        name="x",
        kind=Kind.REVIEWER,
        scope_id=call.pk,
        actor=None,
        now=now(),
        base_url="http://c",
    )
    accept_invitation(secret=secret, user=invited.user, now=now())
    member = reviewer(call)
    MembershipFactory(user=member.user, company=CompanyFactory(business_number=business_number(50_001)))
    nobody = reviewer(call)
    assert [conflicts_of(by) for by in (now_there, added, formerly, invited, member, nobody)] == [
        {"domain"},
        {"email", "domain"},
        {"domain"},
        {"email", "domain"},
        {"member"},
        set(),
    ]


def test_a_public_mail_service_is_no_common_employer():
    call = make_call()
    submitted(call, email="hana@naver.com", contact_email="hana@naver.com", team0_email="d@gmail.com")
    assert conflicts_of(reviewer(call, email="other@naver.com")) == set()
    assert conflicts_of(reviewer(call, email="d@gmail.com")) == {"email"}


def test_the_database_refuses_a_conflict_a_full_reviewer_and_another_call():
    call = make_call()
    first, second = eligible(call, "하나", 1), eligible(call, "두리", 2)
    close(call)
    near, full = reviewer(call, email="a@하나.example"), reviewer(call, maximum=1)
    Conflict.objects.create(reviewer=near, application=first, kind="declared", detail="친구")
    with pytest.raises(errors.ConflictOfInterest):
        services.assign_reviewer(application=first, reviewer=near, actor=None, now=now())
    with pytest.raises(IntegrityError, match="conflict of interest"), database_role(Role.STAFF):
        assigned(first, near)
    services.assign_reviewer(application=first, reviewer=full, actor=None, now=now())
    with pytest.raises(errors.ReviewerFull):
        services.assign_reviewer(application=second, reviewer=full, actor=None, now=now())
    Reviewer.objects.filter(pk=full.pk).update(maximum=9)
    with pytest.raises(errors.AlreadyAssigned):
        services.assign_reviewer(application=first, reviewer=full, actor=None, now=now())
    with pytest.raises(errors.OtherCall):
        services.assign_reviewer(application=first, reviewer=reviewer(make_call()), actor=None, now=now())


def test_the_assignment_adds_what_is_missing_and_is_the_same_twice():
    call = make_call(reviews_each=2)
    applications = [
        eligible(call, f"회사{n}", n, contact_email=f"c@c{n}.example", team0_email="") for n in (1, 2, 3)
    ]
    close(call, "screening")
    three = [reviewer(call, maximum=2) for _n in range(3)]
    done = services.assign_reviews(call=call, actor=manager(), now=now())
    assert (done.made, done.missing) == (6, {})
    assert services.assign_reviews(call=call, actor=manager(), now=now()).made == 0
    assert {by.reviews.count() for by in three} == {2}
    assert {one.reviews.count() for one in applications} == {2}


# --- scores


def test_scores_are_saved_submitted_once_and_by_the_reviewer_alone():
    call = make_call()
    application = eligible(call)
    close(call)
    by = reviewer(call)
    review = Review.objects.select_related("application__call", "reviewer").get(
        pk=assigned(application, by).pk
    )
    one, two = call.criteria.values_list("pk", flat=True)
    give = {"review": review, "comment": "좋음", "now": now()}
    with pytest.raises(NotAllowed):
        services.save_review(**give, scores={one: 5}, submit=False, actor=manager())
    services.save_review(**give, scores={one: 5}, submit=False, actor=by.user)
    with pytest.raises(errors.ScoresMissing):
        services.save_review(**give, scores={one: 5}, submit=True, actor=by.user)
    services.save_review(**give, scores={one: 5, two: 1}, submit=True, actor=by.user)
    with pytest.raises(errors.ReviewClosed):
        services.save_review(**give, scores={one: 1, two: 1}, submit=True, actor=by.user)
    assert list(Score.objects.values_list("value", flat=True)) == [5, 1]


def test_a_declared_conflict_gives_it_back_for_good():
    call = make_call(reviews_each=1)
    application = eligible(call)
    close(call)
    by, other = reviewer(call), reviewer(call)
    services.assign_reviews(call=call, actor=None, now=now())
    review = Review.objects.select_related("application__call", "reviewer").get()
    services.declare_conflict(review=review, reason="동업자입니다.", actor=review.reviewer.user, now=now())
    services.assign_reviews(call=call, actor=None, now=now())
    again = application.reviews.exclude(state="conflict").get()
    assert {review.reviewer_id, again.reviewer_id} == {by.pk, other.pk}


# --- blind

MARK = "숨은고래"


@pytest.fixture
def blind():
    """A call under blind review, whose application carries MARK wherever somebody is named."""
    things = furnish_call("드러난참새")
    call, application = things["call"], things["application"]
    Applicant.objects.filter(application=application).update(
        name=f"{MARK} 기업", name_en=f"{MARK}", representative=f"{MARK} 대표", email=f"{MARK}@a.example"
    )
    TeamMember.objects.filter(application=application).update(name=f"{MARK} 팀원")
    Answer.objects.filter(application=application, question__identifying=True).update(value=f"{MARK} 경력")
    ApplicationFile.objects.filter(application=application).update(name=f"{MARK} 계획서.pdf")
    things["call"] = close(call)
    return things


def pages_of(client: Client, things: dict) -> str:
    review = things["review"]
    urls = (
        reverse("review:home"),
        reverse("review:review", args=[review.pk]),
        reverse("review:file", args=[review.pk, things["application_file"].pk]),
        "/start/",
        "/",
    )
    text = ""
    for url in urls:
        response = client.get(url)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        text += body.decode(errors="replace") + str(response.headers)
    return text


def test_nothing_of_a_reviewers_pages_names_the_applicant_until_the_decision(blind):
    client = sign_in(Client(headers={"accept-language": "ko"}), blind["reviewer"].user)
    shown = pages_of(client, blind)
    assert MARK not in shown
    assert "드러난참새" in shown  # the control: what may be seen is there
    type(blind["call"]).objects.filter(pk=blind["call"].pk).update(state="decided", decided_at=now())
    assert MARK in pages_of(client, blind)


def test_an_open_review_shows_who_applies(blind):
    type(blind["call"]).objects.filter(pk=blind["call"].pk).update(blind=False)
    client = sign_in(Client(), blind["reviewer"].user)
    assert f"{MARK} 대표" in pages_of(client, blind)


@pytest.mark.parametrize("path", ["/admin/", "/admin/intake/application/", "/api/v1/companies/", "/portal/"])
def test_the_side_doors_are_shut_for_a_reviewer(blind, path):
    client = sign_in(Client(), blind["reviewer"].user)
    response = client.get(path)
    assert response.status_code in (403, 404)
    assert MARK not in response.content.decode()


def test_the_reviewers_role_reads_no_name_whatever_is_asked(blind):
    user = blind["reviewer"].user
    with database_role(Role.REVIEWER, user_id=user.pk):
        assert Applicant.objects.only("name").count() == 0
        assert list(TeamMember.objects.values_list("name")) == []
        assert not any(MARK in str(value) for value in Answer.objects.values_list("value", flat=True))
        assert Answer.objects.count() == 1  # the plan; who presents it is hidden
    for table, column in (
        ("intake_applicationfile", "name"),
        ("intake_applicant", "email"),
        ("intake_application", "reason"),
        ("intake_letter", "body"),
        ("intake_step", "note"),
        ("accounts_userevent", "email"),
        ("intake_applicationevent", "id"),
        ("intake_acceptance", "id"),
    ):
        from django.db import connection

        with (
            pytest.raises(DatabaseError, match="permission denied"),
            database_role(Role.REVIEWER, user_id=user.pk),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SELECT {column} FROM {table}")


def test_reviewers_do_not_see_each_others_scores(blind):
    call, application = blind["call"], blind["application"]
    other = reviewer(call)
    scored(application, other, 1, 5)
    other_review = Review.objects.get(reviewer=other)
    Review.objects.filter(pk=other_review.pk).update(comment=f"{MARK} 평가")
    user = blind["reviewer"].user
    client = sign_in(Client(), user)
    assert MARK not in pages_of(client, blind)
    assert client.get(reverse("review:review", args=[other_review.pk])).status_code == 404
    with database_role(Role.REVIEWER, user_id=user.pk):
        assert list(Review.objects.values_list("reviewer_id", flat=True)) == [blind["reviewer"].pk]
        assert Score.objects.count() == 0
        assert Score.objects.filter(review_id=other_review.pk).update(value=5) == 0


def test_applicants_never_learn_who_reviewed(blind, django_capture_on_commit_callbacks, mailoutbox):
    application, by = blind["application"], blind["reviewer"]
    type(by.user).objects.filter(pk=by.user_id).update(name="비밀심사위원")
    by.user.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        services.reject_application(application=application, reason="경쟁", actor=manager(), now=now())
    from tests.factories.intake import secret_of

    visitor = Client()
    visitor.get(reverse("intake:enter", args=[secret_of(application)]))
    said = visitor.get("/apply/mine/").content.decode() + "".join(
        mail.body + mail.subject for mail in mailoutbox
    )
    assert "경쟁" in said
    assert "비밀심사위원" not in said
    assert by.user.email not in said + "".join(Letter.objects.values_list("body", flat=True))


def test_a_person_who_reviews_and_manages_nothing_has_one_role():
    first = reviewer(make_call())
    Reviewer.objects.create(call=make_call(), user=first.user)
    del first.user.acting
    from incubator.accounts.acting import roles_of

    assert [(role.kind, role.database_role) for role in roles_of(first.user)] == [("reviewer", Role.REVIEWER)]


def test_review_pages_cost_the_same_with_more():
    call = make_call()
    by = reviewer(call, maximum=20)
    applications = [eligible(call, f"회사{n}", n) for n in range(1, 5)]
    close(call)
    review = assigned(applications[0], by)
    client = sign_in(Client(), by.user)
    paths = [reverse("review:home"), reverse("review:review", args=[review.pk])]
    before = [cost(client, path) for path in paths]
    for application in applications[1:]:
        assigned(application, by)
    after = [cost(client, path) for path in paths]
    assert before == after
    assert max(after) <= 12


def test_change_of_address_is_known_by_its_history():
    """The control of the test above: the former address is nowhere but in the history."""
    user = acting(UserFactory(email="was@hana.example"), Kind.REVIEWER)
    change_person(user=user, name="새 이름", language="ko", staff_groups=[], actor=None, now=now())
    from tenants.intake.services.conflicts import addresses_of

    type(user).objects.filter(pk=user.pk).update(email="is@other.example")
    assert addresses_of([user.pk])[user.pk] == {"was@hana.example", "is@other.example"}
