"""Papers that companies had made, handovers of leases that end soon, and a company that graduated once and came back."""

from datetime import timedelta
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile

from incubator.common.periods import days
from tenants.companies.enums import AlumniOutcome, ResidencyState
from tenants.companies.models import Residency
from tenants.companies.services import record_alumni
from tenants.leases.enums import CheckBy, CheckState
from tenants.leases.models import Handover
from tenants.leases.services import add_picture, check_item, open_due_handovers, record_return
from tenants.lifecycle.certificates import issue_graduation, issue_residency
from tenants.portal.support_paper import issue_support

from .camp import Camp
from .days import days_before, plus_months
from .furnishing import draw_room
from .texts import ALUMNI_NOTE, CERTIFICATE_PURPOSES, HANDOVER_NOTES

# The place of the company that comes back: one whose lease is an ordinary one.
RETURNED = 42


def make_leaving(camp: Camp) -> int:
    """Returns the number of handovers."""
    _papers(camp)
    if camp.has_grown():
        _returned(camp)
    made = open_due_handovers(actor=camp.director, now=camp.at(days_before(camp.today, 1), 6))
    for far, handover in enumerate(Handover.objects.order_by("lease__period__endswith", "pk")[:2]):
        _prepare(camp, handover, far)
    return made


def _papers(camp: Camp) -> None:
    company, owner = camp.companies[0], camp.owners[0]
    for ago, language, purpose in zip((40, 12), ("ko", "en"), CERTIFICATE_PURPOSES, strict=True):
        when = camp.at(days_before(camp.today, ago), 11)
        issue_residency(company=company, purpose=purpose, language=language, actor=owner, now=when)
    issue_support(
        company=company,
        first=None,
        last=days_before(camp.today, 5),
        language="ko",
        actor=camp.director,
        now=camp.at(days_before(camp.today, 4), 15),
    )


def _prepare(camp: Camp, handover: Handover, far: int) -> None:
    """The company has begun to tick; the office knows of the keys and the deposit."""
    dice = camp.dice(f"handover {far}")
    owner = next(
        owner
        for owner, company in zip(camp.owners, camp.companies, strict=True)
        if company.pk == handover.company_id
    )
    when = camp.at(camp.today, 0)
    mine = list(handover.items.filter(by=CheckBy.COMPANY).order_by("position"))
    for item, note in zip(mine[: 2 - far], HANDOVER_NOTES, strict=False):
        check_item(item=item, state=CheckState.DONE, note=note, actor=owner, now=when)
    picture = BytesIO()
    draw_room(dice, from_door=True).save(picture, "PNG")
    file = SimpleUploadedFile("room.png", picture.getvalue())
    add_picture(item=mine[0], file=file, actor=owner, now=when)
    record_return(
        handover=handover,
        keys_given=3,
        keys_returned=1,
        restoration="",
        deposit_krw=0,
        kept_krw=0,
        returned_krw=0,
        kept_reason="",
        actor=camp.director,
        now=when,
    )


def _returned(camp: Camp) -> None:
    """Its first stay was over long before the one of now began."""
    company = camp.companies[camp.role(RETURNED)]
    now_since = Residency.objects.filter(company=company).order_by("period").first()
    assert now_since
    last = plus_months(now_since.period.lower, -6)
    first = plus_months(last + timedelta(days=1), -24)
    graduated = camp.at(last, 17)
    stay = Residency.objects.create(company=company, state=ResidencyState.GRADUATED, period=days(first, last))
    record_alumni(
        residency=stay,
        left_on=last,
        outcome=AlumniOutcome.OPERATING,
        note=ALUMNI_NOTE,
        contact_consent=True,
        contact_name=company.representative,
        contact_email=company.email,
        actor=camp.director,
        now=graduated,
    )
    issue_graduation(residency=stay, language="ko", actor=camp.director, now=graduated)
