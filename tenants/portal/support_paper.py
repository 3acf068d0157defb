"""지원 이력 확인서: the support that a company has had, as a paper. Its figures are those of `statement_of`, to the letter."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incubator.common.display import day, hours, number, period, pfh, won_exact
from incubator.common.errors import NotAllowed
from incubator.common.models import CampSettings
from tenants.companies.models import Company
from tenants.lifecycle.certificates import company_facts
from tenants.papers.enums import PaperKind
from tenants.papers.models import Paper
from tenants.papers.rules import may_issue
from tenants.papers.services import issue_paper

from .errors import DaysAhead, DaysReversed, NothingToState, RateMissing
from .statement import Statement, statement_of


@transaction.atomic
def issue_support(
    *, company: Company, first: date | None, last: date, language: str, actor: Any, now: datetime
) -> Paper:
    """The support from `first` (None: the first there was) to `last`, both included.

    Raises NotAllowed, DaysAhead, DaysReversed, NothingToState, RateMissing, TooManyPapers.
    """
    if not may_issue(actor, PaperKind.SUPPORT, company):
        raise NotAllowed
    if last > timezone.localdate(now):
        raise DaysAhead
    if first and first > last:
        raise DaysReversed
    statement = statement_of(actor, company.pk, first=first, last=last)
    if statement is None or statement.is_empty:
        raise NothingToState
    if statement.total_krw is None:
        raise RateMissing
    with translation.override(language):
        content = content_of(statement)
    return issue_paper(
        kind=PaperKind.SUPPORT,
        company=company,
        template="papers/support.typ",
        content=content,
        language=language,
        actor=actor,
        now=now,
    )


def content_of(statement: Statement) -> dict[str, Any]:
    """What the template prints, in the language in force."""
    first, last = day(statement.first), day(statement.last)
    figures = [
        [_("Waived rent"), won_exact(statement.rent_krw)],
        [_("Waived maintenance fee"), won_exact(statement.fee_krw)],
        [_("Waived in all"), won_exact(statement.total_krw)],
        [_("Credits granted"), f"{pfh(statement.granted_gflop)} PF·h"],
        [_("Credits used"), f"{pfh(statement.used_gflop)} PF·h"],
        [_("Consulting"), hours(statement.minutes)],
        [_("Introductions to investors"), number(len(statement.introductions))],
    ]
    return {
        "face": [
            *company_facts(statement.company),
            [_("Period"), first if first == last else f"{first} – {last}"],
            *figures,
        ],
        "parts": [_leases(statement), _grants(statement), _sessions(statement), _introductions(statement)],
        "note": _(
            "One PF·h is one petaflop-hour of the data centre's compute. Waived amounts are what the space would have cost by "
            "the rate in force, rounded to the won once a month of each lease."
        ),
        "statement": _(
            "This is to certify that %(camp)s gave the company named above the support listed here."
        )
        % {"camp": CampSettings.current().display_name},
    }


def _part(
    title: str, widths: list[str], head: list[str], rows: list[list[str]], **more: Any
) -> dict[str, Any]:
    return {
        "title": title,
        "widths": widths,
        "head": head,
        "rows": rows,
        "none": _("None in this period."),
        "first_number": len(head) - 1,
        **({"sum": more["sum"]} if rows and "sum" in more else {}),
        **({"first_number": more["first_number"]} if "first_number" in more else {}),
    }


def _leases(statement: Statement) -> dict[str, Any]:
    return _part(
        _("Waived rent and maintenance fee"),
        ["fr", "auto", "auto", "auto", "auto"],
        [_("Space"), _("Period"), _("Waived rent"), _("Waived fee"), _("Together")],
        [
            [
                line.lease.space.place,
                f"{day(line.first)} – {day(line.last)}",
                won_exact(line.waived.rent_krw),
                won_exact(line.waived.fee_krw),
                won_exact(line.waived.total_krw),
            ]
            for line in statement.lines
        ],
        sum=[
            _("Total"),
            "",
            won_exact(statement.rent_krw),
            won_exact(statement.fee_krw),
            won_exact(statement.total_krw),
        ],
        first_number=2,
    )


def _grants(statement: Statement) -> dict[str, Any]:
    return _part(
        _("Compute credits"),
        ["fr", "auto", "auto", "auto"],
        [_("Programme"), _("Granted on"), _("Valid"), "PF·h"],
        [
            [grant.programme, day(grant.granted_at), period(grant.period), pfh(grant.net_gflop)]
            for grant in statement.grants
        ],
        sum=[_("Total"), "", "", pfh(statement.granted_gflop)],
    )


def _sessions(statement: Statement) -> dict[str, Any]:
    return _part(
        _("Consulting"),
        ["auto", "fr", "fr", "auto"],
        [_("Day"), _("Adviser"), _("Affiliation"), _("Time")],
        [
            [
                day(session.starts),
                session.adviser.name,
                str(session.adviser.get_affiliation_display()),
                hours(session.minutes),
            ]
            for session in statement.sessions
        ],
        sum=[_("Total"), "", "", hours(statement.minutes)],
    )


def _introductions(statement: Statement) -> dict[str, Any]:
    return _part(
        _("Introductions to investors"),
        ["fr", "fr", "auto"],
        [_("Firm"), _("Kind"), _("Made on")],
        [
            [each.firm.name, str(each.firm.get_kind_display()), day(each.made_at)]
            for each in statement.introductions
        ],
    )
