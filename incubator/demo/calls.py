"""Two calls for applications: one that takes them now, with drafts and submissions, and one that is decided."""

from datetime import datetime, timedelta
from typing import Any

from incubator.accounts.acting import Acting
from incubator.accounts.enums import Kind
from incubator.accounts.models import User
from incubator.common.enums import Region, Sector, Stage
from tenants.companies.models import Company
from tenants.intake import services
from tenants.intake.enums import ApplicationState, CallState, QuestionKind
from tenants.intake.links import Bearer
from tenants.intake.models import (
    Acceptance,
    Applicant,
    Application,
    Call,
    Criterion,
    Question,
    Review,
)
from tenants.intake.services.letters import write_letter
from tenants.intake.services.steps import step
from tenants.leases.enums import LeaseState
from tenants.leases.models import Lease

from .camp import Camp, as_director
from .days import days_before
from .names import business_number, company_name, person_name
from .parts import OFFERED
from .texts import CALL_BODY, CALL_BODY_EN, CRITERIA, SUMMARIES

# Numbers of companies that no resident has.
_FIRST_NUMBER = 40_000
_REASON = "사업 계획은 좋으나 이번 모집의 경쟁이 높았습니다."
_SITE = "http://127.0.0.1/"


def make_calls(camp: Camp) -> int:
    _decided(camp)
    _open(camp)
    return Application.objects.count()


def _call(camp: Camp, number: int, opens: datetime, closes: datetime) -> Call:
    director, made = as_director(camp.director), opens - timedelta(days=3)
    call = services.save_call(
        call=Call(
            title=f"{opens.year}년 {number}차 입주기업 모집",
            title_en=f"Call for residents {opens.year}-{number}",
            slug=f"{opens:%Y-%m}",
            body=CALL_BODY,
            body_en=CALL_BODY_EN,
            opens_at=opens,
            closes_at=closes,
            places=3,
            reviews_each=2,
        ),
        actor=director,
        now=made,
    )
    rows: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
        (QuestionKind.LONG, "어떤 문제를 푸십니까?", "Which problem do you solve?", "사업", {"most": 2000}),
        (
            QuestionKind.CHOICE,
            "어떤 공간이 필요하십니까?",
            "Which space do you need?",
            "공간",
            {"options": "독립 호실\n지정석"},
        ),
        (QuestionKind.NUMBER, "입주할 인원은 몇 명입니까?", "How many people move in?", "", {"most": 50}),
        (QuestionKind.YES_NO, "GPU가 필요하십니까?", "Do you need GPUs?", "", {}),
        (QuestionKind.FILE, "사업계획서", "Business plan", "첨부", {"required": False, "identifying": True}),
    )
    for order, (kind, text, text_en, section, more) in enumerate(rows, 1):
        Question.objects.create(
            call=call, order=order, kind=kind, text=text, text_en=text_en, section=section, **more
        )
    for order, (name, name_en, weight, low, middle, high) in enumerate(CRITERIA, 1):
        Criterion.objects.create(
            call=call,
            order=order,
            name=name,
            name_en=name_en,
            weight=weight,
            anchor_low=low,
            anchor_middle=middle,
            anchor_high=high,
        )
    return services.move_call(call=call, state=CallState.OPEN, actor=director, now=made)


def _open(camp: Camp) -> None:
    call = _call(camp, 2, camp.at(days_before(camp.today, 12), 9), camp.at(days_before(camp.today, -9), 18))
    dice, taken = camp.dice("open call"), {company.name for company in camp.companies}
    for number in range(5):
        sector = list(Sector.values)[number % len(Sector.values)]
        names = company_name(dice, sector, camp.size + number, taken)
        taken.add(names[0])
        at = camp.at(days_before(camp.today, 8 - number), 11, 10 * number)
        application, typed = _draft(camp, call, number, names, sector, person_name(dice, number))
        if number >= 3:  # two are not done yet
            typed = {name: value for name, value in typed.items() if name not in ("summary", "consent")}
        _write(application, typed, at, submit=number < 3)


def _decided(camp: Camp) -> None:
    opens, closes = camp.at(days_before(camp.today, 90), 9), camp.at(days_before(camp.today, 70), 18)
    call, director = _call(camp, 1, opens, closes), as_director(camp.director)
    dice, taken = camp.dice("decided call"), {company.name for company in camp.companies}
    applications = []
    for number in range(5):
        sector = list(Sector.values)[(3 * number) % len(Sector.values)]
        names = company_name(dice, sector, camp.size + 5 + number, taken)
        taken.add(names[0])
        resident = camp.companies[camp.role(OFFERED)] if number == 0 else None
        application, typed = _draft(
            camp, call, 10 + number, names, sector, person_name(dice, number), resident
        )
        _write(application, typed, closes - timedelta(days=number, hours=5), submit=True)
        applications.append(application)
    then = closes + timedelta(days=1)
    call = services.move_call(call=call, state=CallState.SCREENING, actor=director, now=then)
    for number, application in enumerate(applications):
        services.screen_application(
            application=application,
            eligible=number < 4,
            reason="" if number < 4 else "모집 분야가 아닙니다.",
            actor=director,
            now=then,
        )
    _review(camp, call, then + timedelta(days=2))
    _decide(camp, call, applications, then + timedelta(days=12))


def _review(camp: Camp, call: Call, at: datetime) -> None:
    director, dice = as_director(camp.director), camp.dice("reviews")
    for number in (1, 2, 3):
        user = camp.users[f"reviewer{number:02d}"]
        services.add_reviewer(call=call, user=user, maximum=4, actor=director, now=at)
    services.assign_reviews(call=call, actor=director, now=at)
    call = services.move_call(call=call, state=CallState.REVIEW, actor=director, now=at)
    criteria = list(call.criteria.values_list("pk", flat=True))
    reviews = Review.objects.select_related("application__call", "reviewer__user").order_by("pk")
    for review in reviews.filter(reviewer__call=call):
        good = 5 - (review.application.number or 0) % 3
        services.save_review(
            review=review,
            scores={criterion: max(1, good - dice.randrange(2)) for criterion in criteria},
            comment="계획이 구체적이고 실증 일정이 분명합니다.",
            submit=True,
            actor=_as_reviewer(review.reviewer.user, call),
            now=at + timedelta(days=5),
        )


def _decide(camp: Camp, call: Call, applications: list[Application], at: datetime) -> None:
    director = as_director(camp.director)
    _moved_in(camp, applications[0], at)
    services.put_on_waiting_list(application=applications[1], actor=director, now=at)
    for application in applications[2:4]:
        services.reject_application(application=application, reason=_REASON, actor=director, now=at)
    services.move_call(call=call, state=CallState.DECIDED, actor=director, now=at)


def _moved_in(camp: Camp, application: Application, at: datetime) -> None:
    """The company that has an offered lease in this camp came by the call: its acceptance is written down after the fact,
    since its stay and its lease are there already."""
    company = camp.companies[camp.role(OFFERED)]
    lease = Lease.objects.filter(company=company).exclude(state=LeaseState.TERMINATED).latest("pk")
    application.refresh_from_db()
    step(application, ApplicationState.ACCEPTED, actor=camp.director, now=at, decided_at=at)
    Acceptance.objects.create(
        application=application,
        company=company,
        company_is_new=True,
        residency=company.residencies.latest("pk"),
        lease=lease,
        made_at=at,
        made_by=camp.director,
    )
    write_letter(application=application, kind=ApplicationState.ACCEPTED, now=at, lease=lease)


def _as_reviewer(user: User, call: Call) -> User:
    user.acting = Acting(Kind.REVIEWER, user.pk, call.pk)
    return user


def _draft(
    camp: Camp,
    call: Call,
    number: int,
    names: tuple[str, str],
    sector: str,
    person: str,
    resident: Company | None = None,
) -> tuple[Application, dict[str, Any]]:
    """The application and what is typed into it; that of a resident says what the resident is."""
    email = f"hello@applicant{number + 1:02d}.example"
    services.ask_for_link(call=call, email=email, language="ko", base_url=_SITE, now=call.opens_at)
    problem, space, people, gpus, _file = (question.field for question in call.questions.all())
    typed: dict[str, Any] = {
        "name": resident.name if resident else names[0],
        "name_en": resident.name_en if resident else names[1],
        "representative": resident.representative if resident else person,
        "contact_email": email,
        "business_number": resident.business_number if resident else business_number(_FIRST_NUMBER + number),
        "founded_on": "2025-03-04",
        "stage": Stage.SEED,
        "region": Region.GWANGJU_JEONNAM,
        "sectors": [sector],
        "summary": SUMMARIES[Sector(sector)][0],
        "team0_name": person,
        problem: SUMMARIES[Sector(sector)][0],
        space: "독립 호실" if number % 2 else "지정석",
        people: str(2 + number % 5),
        gpus: "yes" if number % 2 else "no",
        "consent": "on",
    }
    return Applicant.objects.select_related("application__call").get(
        call=call, email=email
    ).application, typed


def _write(application: Application, typed: dict[str, Any], at: datetime, *, submit: bool) -> None:
    bearer = Bearer(application.pk)
    services.save_draft(application=application, draft=typed, actor=bearer, now=at)
    if submit:
        services.submit_application(application=application, actor=bearer, now=at)
