"""The managers' pages: the builder of a call, the lists, the files and what waits."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from incubator.accounts.enums import StaffGroup
from incubator.reporting.inbox import inbox_of
from tenants.intake import services
from tenants.intake.errors import QuestionsFrozen
from tenants.intake.models import Application, Call, Question
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.intake import assigned, close, eligible, make_call, manager, now, reviewer, submitted
from tests.queries import cost

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    return sign_in(Client(headers={"accept-language": "ko"}), staff_member(StaffGroup.LEASES))


def builder(call: Call | None, **questions: str) -> dict[str, str]:
    """What the form of a call sends: its words, and one question."""
    sets = {"questions": 0, "criteria": 0, "files": 0, "reviewers": 0}
    data = {
        "title": "새 공고",
        "body": "모집합니다.",
        "opens_at_0": "2026-12-01",
        "opens_at_1": "09:00:00",
        "closes_at_0": "2026-12-31",
        "closes_at_1": "18:00:00",
        "places": "5",
        "keep_months": "12",
        "reviews_each": "3",
        "blind": "on",
        **questions,
    }
    for name, count in sets.items():
        data.setdefault(f"{name}-TOTAL_FORMS", str(count))
        data.setdefault(f"{name}-INITIAL_FORMS", "0")
    return data


ONE_QUESTION = {
    "questions-TOTAL_FORMS": "1",
    "questions-0-order": "1",
    "questions-0-kind": "choice",
    "questions-0-text": "어떤 공간이 필요하십니까?",
    "questions-0-options": "호실\n지정석",
    "questions-0-required": "on",
}


def test_a_call_is_built_in_one_form(office):
    response = office.post(reverse("admin:intake_call_add"), builder(None, **ONE_QUESTION))
    assert response.status_code == 302
    call = Call.objects.get()
    assert (call.state, call.slug.isascii(), call.questions.get().choices) == (
        "draft",
        True,
        ["호실", "지정석"],
    )


def test_a_choice_without_answers_is_refused_with_everything_still_there(office):
    response = office.post(
        reverse("admin:intake_call_add"), builder(None, **{**ONE_QUESTION, "questions-0-options": ""})
    )
    assert response.status_code == 200
    assert "어떤 공간이 필요하십니까?" in response.content.decode()
    assert not Call.objects.exists()


def test_frozen_questions_are_refused_in_words(office):
    call = make_call()
    submitted(call)
    asked = call.questions.first()
    data = builder(
        call,
        **{
            "questions-TOTAL_FORMS": "1",
            "questions-INITIAL_FORMS": "1",
            "questions-0-id": str(asked.pk),
            "questions-0-call": str(call.pk),
            "questions-0-order": "1",
            "questions-0-kind": asked.kind,
            "questions-0-text": "바뀐 질문",
        },
    )
    response = office.post(reverse("admin:intake_call_change", args=[call.pk]), data)
    assert response.status_code == 200
    with translation.override("ko"):
        assert str(QuestionsFrozen()) in response.content.decode()
    assert not Question.objects.filter(text="바뀐 질문").exists()


@pytest.mark.parametrize("name", ["application", "call", "reviewer"])
def test_lists_cost_the_same_with_more(office, name):
    call = make_call()
    one = eligible(call, "하나", 1)
    assigned(one, reviewer(call))
    page = reverse(f"admin:intake_{name}_changelist")
    before = cost(office, page)
    for number in (2, 3):
        assigned(eligible(call, f"회사{number}", number), reviewer(call))
        make_call()
    assert cost(office, page) == before
    assert before <= 12


def test_the_pages_of_an_application_a_call_and_a_ranking_are_bounded(office):
    call = make_call()
    applications = [eligible(call, f"회사{number}", number) for number in (1, 2)]
    by = reviewer(call)
    for application in applications:
        assigned(application, by)
    for path in (
        reverse("admin:intake_application_change", args=[applications[0].pk]),
        reverse("admin:intake_call_ranking", args=[call.pk]),
        reverse("admin:intake_reviewer_change", args=[by.pk]),
    ):
        assert cost(office, path) <= 12, path


def test_the_export_holds_answers_and_no_formula(office):
    call = make_call()
    plan = call.questions.get(text="사업 계획")
    chosen = submitted(call, "=HYPERLINK()", **{plan.field: "=1+1"}, email="x@hana.example")
    submitted(call, "다른회사", 2)
    response = office.post(
        reverse("admin:intake_application_changelist"),
        {"action": "export_csv", "_selected_action": [str(chosen.pk)]},
    )
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert "사업 계획" in rows[0]
    assert not any(cell.startswith("=") for cell in rows[1])
    assert any(cell.endswith("=1+1") for cell in rows[1])


def test_what_waits_is_in_the_inbox():
    call = make_call()
    submitted(call, "기다리는회사", 1)
    actor = manager()
    moment = timezone.now()
    kinds = lambda: {entry.kind for entry in inbox_of(actor, moment, timezone.localdate(moment)).entries}  # noqa: E731
    assert kinds() & {"to_screen", "reviews_missing", "free_place"} == set()
    close(call, "screening")
    moment = timezone.now()
    assert "to_screen" in kinds()
    application = services.screen_application(
        application=Application.objects.get(), eligible=True, actor=actor, now=now()
    )
    assigned(application, reviewer(call))
    close(call, "review")
    assert kinds() >= {"reviews_missing"}
    assert "to_screen" not in kinds()
    other = acting_staff(StaffGroup.CREDITS)
    assert not {e.kind for e in inbox_of(other, moment, timezone.localdate(moment)).entries} & {
        "reviews_missing"
    }
