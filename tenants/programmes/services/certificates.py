"""Certifying that a participant completed a programme."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from incubator.common.dbroles import acting_as_system
from incubator.common.display import day, hours
from incubator.common.errors import NotAllowed
from incubator.common.models import CampSettings
from tenants.consulting.locks import hold
from tenants.lifecycle.certificates import company_facts
from tenants.papers.enums import PaperKind
from tenants.papers.services import issue_paper
from tenants.programmes import rules, selectors
from tenants.programmes.enums import ProgrammeState, SignUpState
from tenants.programmes.errors import AttendanceTooLow, NotAParticipant, NotOver
from tenants.programmes.models import Certificate, Meeting, SignUp
from tenants.programmes.selectors import Share


@transaction.atomic
def issue_certificate(*, sign_up: SignUp, language: str, actor: Any, now: datetime) -> Certificate:
    """The certificate of a participant who attended enough of a programme that is over: one for ever. Asked again, in
    whatever language, it is the same paper with the same number.

    Raises NotAllowed, NotAParticipant, NotOver, AttendanceTooLow, TooManyPapers.
    """
    if not rules.may_sign_up(actor, sign_up.company):
        raise NotAllowed
    hold(("programme_certificate", sign_up.pk))
    known = Certificate.objects.select_related("paper").filter(sign_up=sign_up).first()
    if known is not None:
        return known
    programme = sign_up.programme
    if sign_up.state != SignUpState.SIGNED:
        raise NotAParticipant
    if programme.state != ProgrammeState.OVER:
        raise NotOver
    share = selectors.shares([sign_up], actor)[sign_up.pk]
    if not share.suffices(programme.attendance_needed):
        raise AttendanceTooLow(share=share.per_cent, needed=programme.attendance_needed)
    year = timezone.localdate(now).year
    # The number runs over all companies' certificates, which a founder may not read.
    with acting_as_system(user_id=getattr(actor, "pk", None)):
        hold(("programme_certificates", year))
        last = Certificate.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
        certificate = Certificate(
            sign_up=sign_up, company=sign_up.company, year=year, number=last + 1, issued_at=now
        )
    with translation.override(language):
        content = _content(sign_up, share, certificate.shown_number)
    certificate.paper = issue_paper(
        kind=PaperKind.PROGRAMME,
        company=sign_up.company,
        template="papers/completion.typ",
        content=content,
        language=language,
        actor=actor,
        now=now,
    )
    # Certificates are the camp's to write.
    with acting_as_system(user_id=getattr(actor, "pk", None)):
        certificate.save(force_insert=True)
    return certificate


def _content(sign_up: SignUp, share: Share, number: str) -> dict[str, Any]:
    programme = sign_up.programme
    held = list(Meeting.objects.filter(programme=programme, is_off=False).order_by("period"))
    minutes = sum(meeting.minutes for meeting in held)
    return {
        "face": [
            [pgettext("paper", "Number"), number],
            [_("Name"), sign_up.person.name],
            *company_facts(sign_up.company)[:1],
            [pgettext("class", "Programme"), programme.shown_title],
            [_("Period"), f"{day(held[0].starts)} – {day(held[-1].ends)}"],
            [
                _("Scope"),
                _("%(meetings)s meetings, %(hours)s") % {"meetings": len(held), "hours": hours(minutes)},
            ],
            [_("Attendance"), f"{share.per_cent}%"],
        ],
        "statement": _(
            "This is to certify that the person named above has completed this programme of %(camp)s."
        )
        % {"camp": CampSettings.current().display_name},
    }


def issue_all(*, sign_ups: list[SignUp], language: str, actor: Any, now: datetime) -> int:
    """Certificates for all of these who attended enough; how many are new. Raises NotAllowed, NotOver."""
    if not rules.may_manage(actor):
        raise NotAllowed
    shares = selectors.shares(sign_ups, actor)
    new = 0
    for each in sign_ups:
        if each.state == SignUpState.SIGNED and shares[each.pk].suffices(each.programme.attendance_needed):
            new += not Certificate.objects.filter(sign_up=each).exists()
            issue_certificate(sign_up=each, language=language, actor=actor, now=now)
    return new
