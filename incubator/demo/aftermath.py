"""What follows the sessions: advice that differs, steps of all three sides, ratings, and a company's own notes."""

from datetime import timedelta
from random import Random

from django.utils import timezone

from incubator.accounts.models import User
from incubator.common.dbroles import Role, database_role
from tenants.companies.models import Company
from tenants.consulting.enums import Side
from tenants.consulting.models import Booking, NextStep, SessionRating, SessionReport
from tenants.consulting.services import (
    StepDraft,
    drop_step,
    keep_notes,
    rate_session,
    write_report,
)

from .camp import Camp, as_owner

_WORDS = {
    5: ("막혀 있던 문제를 한 시간에 풀었습니다.", "바로 쓸 수 있는 조언이었습니다."),
    4: ("준비를 많이 해 오셨습니다.", ""),
    3: ("도움은 되었으나 시간이 짧았습니다.", ""),
    2: ("우리 업종의 사정은 잘 모르셨습니다.",),
    1: ("다른 기업의 자료를 보고 오신 것 같았습니다.",),
}
_OTHERWISE = "먼저 출원하기보다 실증 기록을 남기고 반년 뒤에 출원하시는 편이 낫습니다."
_OWN_STEP = "비슷한 사례의 심사 경과를 정리해 보내 드립니다."
_OFFICE_STEP = "다른 입주기업과 함께 쓸 시험 장비를 알아봅니다."
_NOTE = "대표와 기술이사의 뜻이 서로 다릅니다. 다음 상담은 두 분이 함께 오시면 좋겠습니다."
_DROPPED = "거래처가 조건을 바꾸어 더는 필요하지 않습니다."
_OWN_NOTES = "다음 이사회 전에 다시 읽는다. 비용은 재무 담당과 먼저 맞춘다."


def make_aftermath(camp: Camp) -> int:
    """How many ratings and steps there are afterwards."""
    dice = camp.dice("aftermath")
    _first_company(camp)
    _office_step(camp)
    _dropped_step(camp)
    _ratings(camp, dice)
    return SessionRating.objects.count() + NextStep.objects.count()


def _owner(camp: Camp, company: Company) -> User:
    """The owner, acting for this company, as a person of their own: whoever has more roles keeps the one in force."""
    return as_owner(User.objects.get(pk=camp.members[company.pk][0].pk), company)


def _first_company(camp: Camp) -> None:
    """Two advisers differ on one topic, one has promised what is overdue, and the company keeps notes nobody else reads."""
    company = camp.companies[0]
    reports = list(SessionReport.objects.filter(company=company).select_related("booking").order_by("pk"))
    reports.sort(key=lambda report: report.session_on)
    if len(reports) < 2:
        return
    before, report = reports[0], reports[1]
    adviser = camp.adviser_by_id[report.adviser_id]
    now = report.booking.ends + timedelta(days=1)
    write_report(
        booking=report.booking,
        field=before.field,
        advice=_OTHERWISE,
        differs_from=before,
        steps=[StepDraft(_OWN_STEP, Side.ADVISER, timezone.localdate(now) + timedelta(days=20))],
        note=_NOTE,
        actor=adviser.user,
        now=now,
    )
    owner, last = _owner(camp, company), reports[-1].booking
    with database_role(Role.FOUNDER, user_id=owner.pk, company_ids=[company.pk]):
        keep_notes(booking=last, text=_OWN_NOTES, actor=owner, now=last.ends + timedelta(hours=3))


def _others(camp: Camp) -> list[Booking]:
    """Sessions of the others whose report is written, the newest first."""
    first = camp.companies[0]
    found = Booking.objects.filter(report__isnull=False).exclude(company=first).select_related("report")
    return list(found.order_by("-period", "-pk"))


def _office_step(camp: Camp) -> None:
    for booking in _others(camp)[:1]:
        now = booking.ends + timedelta(hours=4)
        write_report(
            booking=booking,
            field=booking.report.field,
            advice=booking.report.advice,
            steps=[StepDraft(_OFFICE_STEP, Side.OFFICE, timezone.localdate(now) + timedelta(days=9))],
            actor=camp.adviser_by_id[booking.adviser_id].user,
            now=now,
        )


def _dropped_step(camp: Camp) -> None:
    steps = NextStep.objects.open().filter(owner=Side.COMPANY).exclude(company=camp.companies[0])
    step = steps.select_related("company").order_by("agreed_at", "pk").first()
    if step is not None:
        owner = _owner(camp, step.company)
        drop_step(step=step, reason=_DROPPED, actor=owner, now=step.agreed_at + timedelta(days=6))


def _ratings(camp: Camp, dice: Random) -> None:
    """Two of three companies say what the session was worth, mostly much."""
    companies = {company.pk: company for company in camp.companies}
    owners = {company.pk: _owner(camp, company) for company in camp.companies}
    held = Booking.objects.filter(report__isnull=False, company__in=companies).order_by("period", "pk")
    for at, booking in enumerate(held):
        stars = (5, 4, 3, 2, 1)[at] if at < 5 else dice.choices((5, 4, 3, 2), (5, 5, 2, 1))[0]
        if at >= 5 and dice.random() < 0.33:
            continue
        rate_session(
            booking=booking,
            stars=stars,
            words=dice.choice(_WORDS[stars]),
            actor=owners[booking.company_id],
            now=booking.ends + timedelta(hours=20),
        )
