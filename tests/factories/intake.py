"""Calls with questions, and applications to them at every step, made through the services."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.models import User
from incubator.accounts.tokens import hash_of
from tenants.intake import services
from tenants.intake.enums import CallState, QuestionKind
from tenants.intake.links import Bearer
from tenants.intake.models import (
    AccessLink,
    Applicant,
    Application,
    Call,
    Criterion,
    Question,
    Review,
    Reviewer,
)
from tenants.leases.models import Space

from .accounts import UserFactory, acting, acting_staff
from .companies import business_number
from .leases import RateFactory, SpaceFactory

BASE = "http://camp.test/"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def now() -> datetime:
    return timezone.now()


def make_call(*, state: str = CallState.OPEN, **values: Any) -> Call:
    """Published, open since yesterday for ten days, with two places, three questions and two criteria (weights 60, 40)."""
    count = Call.objects.count()
    call = Call.objects.create(
        **{
            "title": f"입주기업 모집 {count + 1}",
            "title_en": f"Call {count + 1}",
            "slug": f"call-{count + 1}",
            "body": "입주기업을 모집합니다.",
            "opens_at": now() - timedelta(days=1),
            "closes_at": now() + timedelta(days=10),
            "places": 2,
            "reviews_each": 2,
            "state": state,
            **values,
        }
    )
    kinds = ((QuestionKind.LONG, "사업 계획", True), (QuestionKind.SHORT, "수상 경력", False))
    for order, (kind, text, required) in enumerate(kinds):
        Question.objects.create(call=call, order=order, kind=kind, text=text, required=required)
    Criterion.objects.create(call=call, order=1, name="기술성", weight=60)
    Criterion.objects.create(call=call, order=2, name="사업성", weight=40)
    return call


def question(call: Call, kind: str, text: str = "질문", **values: Any) -> Question:
    return Question.objects.create(call=call, order=9, kind=kind, text=text, **values)


def typed(call: Call, name: str, number: int | None = 1, **more: Any) -> dict[str, Any]:
    """A complete draft, as somebody types it."""
    plan = call.questions.get(text="사업 계획")
    return {
        "name": name,
        "representative": "김하나",
        "contact_email": "office@hana.example",
        "business_number": business_number(number + 50_000) if number is not None else "",
        "founded_on": "2025. 3. 1.",
        "stage": "seed",
        "region": "gwangju_jeonnam",
        "sectors": ["healthcare"],
        "summary": "병원 영상을 읽습니다.",
        "team0_name": "박두리",
        "team0_email": "duri@hana.example",
        plan.field: "임상 시험을 합니다.",
        "consent": "on",
        **more,
    }


def begin(call: Call, email: str = "apply@hana.example") -> tuple[Application, Bearer]:
    """A draft without a word in it."""
    services.ask_for_link(call=call, email=email, language="ko", base_url=BASE, now=call.opens_at)
    application = Applicant.objects.get(call=call, email=email).application
    return application, Bearer(application.pk)


def secret_of(application: Application, at: datetime | None = None) -> str:
    """A link of the application that works, as if it had been mailed."""
    secret = f"secret-{application.pk}-{AccessLink.objects.count()}"
    made = at or now()
    AccessLink.objects.create(
        application=application,
        token_hash=hash_of(secret),
        made_at=made - timedelta(hours=2),
        expires_at=made + timedelta(days=30),
    )
    return secret


def mailed_link() -> str:
    """The path of the link in the newest mail."""
    found = re.search(r"http://[^/\s]+(/apply/link/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def submitted(call: Call, name: str = "하나", number: int | None = 1, **more: Any) -> Application:
    application, bearer = begin(call, more.pop("email", f"apply{number}@{name}.example"))
    at = more.pop("at", None) or min(now(), call.closes_at)
    services.save_draft(
        application=application, draft=typed(call, name, number, **more), actor=bearer, now=at
    )
    services.submit_application(application=application, actor=bearer, now=at)
    return Application.objects.get(pk=application.pk)


def manager() -> User:
    return acting_staff(StaffGroup.LEASES)


def close(call: Call, state: str = CallState.REVIEW) -> Call:
    """The call is over and in this state."""
    Call.objects.filter(pk=call.pk).update(
        closes_at=now() - timedelta(minutes=1), opens_at=now() - timedelta(days=9), state=state
    )
    call.refresh_from_db()
    return call


def eligible(call: Call, name: str = "하나", number: int | None = 1, **more: Any) -> Application:
    application = submitted(call, name, number, **more)
    return services.screen_application(application=application, eligible=True, actor=None, now=now())


def reviewer(call: Call, maximum: int = 10, **values: Any) -> Reviewer:
    """A person who reviews the call, acting as its reviewer."""
    row = Reviewer.objects.create(call=call, user=UserFactory(**values), maximum=maximum)
    acting(row.user, Kind.REVIEWER, call.pk)
    return row


def assigned(application: Application, by: Reviewer) -> Review:
    return Review.objects.create(application=application, reviewer=by, assigned_at=now())


def scored(application: Application, by: Reviewer, *scores: int) -> Review:
    """A submitted review with these scores, in the order of the criteria."""
    review = assigned(application, by)
    review.application.call.refresh_from_db()
    services.save_review(
        review=Review.objects.select_related("application__call", "reviewer").get(pk=review.pk),
        scores=dict(zip(application.call.criteria.values_list("pk", flat=True), scores, strict=True)),
        comment="",
        submit=True,
        actor=by.user,
        now=now(),
    )
    review.refresh_from_db()
    return review


def room() -> Space:
    space = SpaceFactory()
    RateFactory(space=space)
    return space


def accept(application: Application, actor: Any = None, space: Space | None = None, **more: Any) -> Any:
    return services.accept_application(
        **{
            "application": application,
            "space": space or room(),
            "first_day": date(2027, 1, 1),
            "last_day": date(2027, 12, 31),
            "legal_basis": "창업지원 무상임대",
            "base_url": BASE,
            "actor": actor,
            "now": now(),
            **more,
        }
    )


def upload(name: str = "plan.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def furnish_call(mark: str) -> dict[str, Any]:
    """A published call with a file, and an application under review in it, blind, that carries the mark everywhere.

    The call's words are everybody's and carry none.
    """
    call = make_call()
    secret = question(call, QuestionKind.SHORT, "대표자 경력", identifying=True)
    plan = question(call, QuestionKind.FILE, "사업 계획서")
    call_file = services.attach_to_call(call=call, file=upload("form.pdf"), actor=None, now=now())
    slug = f"{Call.objects.count()}.example"
    application, bearer = begin(call, f"apply@{slug}")
    draft = typed(call, f"{mark} 신청사", 700 + call.pk, **{secret.field: f"{mark} 경력"})
    for field in (
        "name_en",
        "representative",
        "team0_name",
        "summary",
        call.questions.get(text="사업 계획").field,
    ):
        draft[field] = f"{mark} {field}"
    services.save_draft(application=application, draft=draft, actor=bearer, now=now())
    attached = services.attach_file(
        application=application, question=plan, file=upload(f"{mark}.pdf"), actor=bearer, now=now()
    )
    services.submit_application(application=application, actor=bearer, now=now())
    services.screen_application(
        application=application, eligible=True, reason=f"{mark} 메모", actor=None, now=now()
    )
    by = reviewer(call)
    review = assigned(application, by)
    return {
        "call": call,
        "call_file": call_file,
        "application": Application.objects.get(pk=application.pk),
        "application_file": attached,
        "reviewer": by,
        "review": review,
        "intake_call": call,
        "intake_application": application,
        "intake_reviewer": by,
    }
