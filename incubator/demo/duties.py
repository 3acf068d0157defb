"""Insurance and fire training of every company, looks at the business register, and the reminders of yesterday."""

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from tenants.companies.enums import LIVE_RESIDENCIES
from tenants.companies.models import Residency
from tenants.deadlines.enums import RegistrationStatus
from tenants.deadlines.models import Duty, DutyKind
from tenants.deadlines.services import confirm_duty, enter_check, remind, send_in_duty

from .camp import Camp, as_director, as_owner
from .days import days_before, plus_months
from .desk import as_if_sent

# The days until the first companies' duties end; all others lie further ahead.
ENDS_IN = (24, 58, -6, 5, 88, 31)
SUSPENDED = 54


def make_duties(camp: Camp) -> int:
    """One of each kind a company; of the second company something new waits to be confirmed."""
    dice = camp.dice("duties")
    living = set(Residency.objects.filter(state__in=LIVE_RESIDENCIES).values_list("company_id", flat=True))
    for at, company in enumerate(camp.companies):
        if company.pk not in living:
            continue
        for kind in DutyKind.objects.filter(active=True):
            left = ENDS_IN[at] if at < len(ENDS_IN) and kind.code == "insurance" else dice.randint(95, 330)
            until = camp.today + timedelta(days=left)
            _confirmed(camp, at, kind, until)
        checked = days_before(camp.today, 30 + dice.randint(0, 170))
        suspended = at == camp.role(SUSPENDED) and camp.has_grown()
        enter_check(
            company=company,
            status=RegistrationStatus.SUSPENDED if suspended else RegistrationStatus.ACTIVE,
            checked_on=checked,
            note="홈택스 사업자 상태 조회",
            actor=as_director(camp.director),
            now=camp.at(checked, 11),
        )
    if camp.size > 1:
        _send_in(camp, 1, DutyKind.objects.get(code="insurance"), 1)
    remind(actor=None, now=camp.at(days_before(camp.today, 1), 8, 30))
    as_if_sent()
    return Duty.objects.count()


def _send_in(camp: Camp, at: int, kind: DutyKind, days_ago: int) -> Duty:
    done = days_before(camp.today, days_ago)
    return send_in_duty(
        company=camp.companies[at],
        kind=kind,
        done_on=done,
        valid_until=plus_months(done, kind.months_valid),
        evidence=SimpleUploadedFile("보험증권.pdf", b"%PDF-1.7\n%demo\n", content_type="application/pdf"),
        actor=as_owner(camp.owners[at], camp.companies[at]),
        now=camp.at(done, 15),
    )


def _confirmed(camp: Camp, at: int, kind: DutyKind, until: date) -> None:
    done = plus_months(until, -kind.months_valid)
    duty = send_in_duty(
        company=camp.companies[at],
        kind=kind,
        done_on=done,
        valid_until=until,
        evidence=SimpleUploadedFile("증빙.pdf", b"%PDF-1.7\n%demo\n", content_type="application/pdf"),
        actor=as_owner(camp.owners[at], camp.companies[at]),
        now=camp.at(done, 15),
    )
    confirm_duty(duty=duty, actor=as_director(camp.director), now=camp.at(done + timedelta(days=1), 9))
