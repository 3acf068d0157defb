"""What the camp certifies of a company's stay: 입주확인서 while it lives here, 졸업(수료)증 when it has completed its stay."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incubator.common.display import day, period, square_metres
from incubator.common.errors import NotAllowed
from incubator.common.models import CampSettings
from tenants.companies import selectors as companies
from tenants.companies.enums import LIVE_RESIDENCIES, ResidencyState
from tenants.companies.models import Company, Residency
from tenants.leases import selectors as leases
from tenants.papers.enums import PaperKind
from tenants.papers.models import Paper
from tenants.papers.rules import may_issue
from tenants.papers.services import issue_paper

from .errors import NoSpaceHeld, NotGraduated, PurposeMissing

LONGEST_PURPOSE = 100


def company_facts(company: Company) -> list[list[str]]:
    """Who the company is, as every paper says it, in the language in force."""
    english = translation.get_language() == "en"
    return [
        [_("Company"), (company.name_en if english else "") or company.name],
        [_("Business registration number"), company.business_number_shown],
        [_("Representative"), company.representative],
    ]


@transaction.atomic
def issue_residency(*, company: Company, purpose: str, language: str, actor: Any, now: datetime) -> Paper:
    """입주확인서: where the company lives today, for the purpose that it named.

    Raises NotAllowed, PurposeMissing, NoSpaceHeld, TooManyPapers, Invalid.
    """
    if not may_issue(actor, PaperKind.RESIDENCY, company):
        raise NotAllowed
    purpose = " ".join(purpose.split())
    if not purpose or len(purpose) > LONGEST_PURPOSE:
        raise PurposeMissing(longest=LONGEST_PURPOSE)
    today = timezone.localdate(now)
    held = list(
        leases.held_on(leases.leases_for(actor).filter(company=company), today).order_by("period", "pk")
    )
    if not held:
        raise NoSpaceHeld
    stay = (
        companies.residencies_for(actor)
        .filter(company=company, state__in=LIVE_RESIDENCIES, period__contains=today)
        .first()
    )
    with translation.override(language):
        places = [lease.space.place for lease in held]
        since = [[_("Resident since"), day(stay.period.lower)]] if stay else []
        content = {
            "face": [
                *company_facts(company),
                *since,
                [_("Spaces"), " · ".join(places)],
                [_("Purpose"), purpose],
            ],
            "words": {
                "spaces": _("Spaces that the company holds"),
                "space": _("Space"),
                "area": _("Area"),
                "period": _("Period of the lease"),
            },
            "spaces": [
                {
                    "place": place,
                    "area": square_metres(lease.space.area_m2),
                    "period": period(lease.period),
                }
                for place, lease in zip(places, held, strict=True)
            ],
            "statement": _("This is to certify that the company named above is resident at %(camp)s.")
            % {"camp": CampSettings.current().display_name},
        }
    return issue_paper(
        kind=PaperKind.RESIDENCY,
        company=company,
        template="papers/residency.typ",
        content=content,
        language=language,
        actor=actor,
        now=now,
    )


@transaction.atomic
def issue_graduation(*, residency: Residency, language: str, actor: Any, now: datetime) -> Paper:
    """졸업(수료)증 of a stay that was completed. Raises NotAllowed, NotGraduated, Invalid."""
    company = residency.company
    if not may_issue(actor, PaperKind.GRADUATION, company):
        raise NotAllowed
    if residency.state != ResidencyState.GRADUATED:
        raise NotGraduated
    with translation.override(language):
        content = {
            "face": [*company_facts(company), [_("Residency"), period(residency.period)]],
            "statement": _(
                "This is to certify that the company named above has completed its residency at %(camp)s."
            )
            % {"camp": CampSettings.current().display_name},
        }
    return issue_paper(
        kind=PaperKind.GRADUATION,
        company=company,
        template="papers/graduation.typ",
        content=content,
        language=language,
        actor=actor,
        now=now,
    )
