"""The investors' pages. They read and nothing else: GET and HEAD, under a role whose transaction cannot write."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from incubator.audit.services import note_access
from incubator.common.enums import Sector, Stage
from investors.dataroom import selectors as rooms
from investors.matching import links
from investors.matching import selectors as matching
from investors.matching.enums import FOLLOWS
from investors.matching.models import DisclosureGrant, Introduction, IntroductionQuerySet
from investors.matching.views import ShownMatch, shown
from tenants.companies import selectors as companies
from tenants.companies.models import Company
from tenants.companies.pictures import picture_response

from .listing import Listing

FIRST_MATCHES = 6
FIRST_COMPANIES = 8
PAGE = 50
UNDER_WAY = tuple(FOLLOWS)


def _companies(request: HttpRequest) -> QuerySet[Company]:
    return (
        companies.companies_for(request.user).filter(visible_to_investors=True).defer(*Company.PRIVATE_FIELDS)
    )


def _matches(request: Any) -> list[ShownMatch]:
    found = matching.matches_for(request.user).for_firm()
    return [shown(match) for match in found.filter(firm__in=request.acting.firm_ids, published=True)]


def _introductions(request: Any) -> IntroductionQuerySet:
    return (
        matching.introductions_for(request.user)
        .for_firm()
        .filter(firm__in=request.acting.firm_ids, state__in=matching.OPEN_TO_FIRMS)
    )


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    matches = _matches(request)
    seen = list(_companies(request).order_by("-pk")[:FIRST_COMPANIES])
    note_access(request, "company", [company.pk for company in seen], task="companies at a glance")
    first = matches[:FIRST_MATCHES]
    note_access(request, "company", [each.match.company_id for each in first], task="matches at a glance")
    context = {
        "matches": first,
        "total": len(matches),
        "companies": seen,
        "companies_total": _companies(request).count(),
    }
    return render(request, "investors/portal/home.html", context)


@require_safe
def company_list(request: HttpRequest) -> HttpResponse:
    listing = Listing.of(request.GET.dict())
    everyone = _companies(request)
    page = Paginator(listing.filtered(everyone), PAGE).get_page(request.GET.get("page", "")[:9])
    note_access(request, "company", [company.pk for company in page], task="list of companies")
    context = {
        "listing": listing,
        "page": page,
        "total": everyone.count() if listing.narrowed else page.paginator.count,
        "sectors": Sector.choices,
        "stages": Stage.choices,
    }
    return render(request, "investors/portal/companies.html", context)


@require_safe
def company_page(request: HttpRequest, slug: str) -> HttpResponse:
    company = get_object_or_404(_companies(request), slug=slug)
    match = matching.matches_for(request.user).for_firm().filter(company=company, published=True).first()
    note_access(request, "company", [company.pk], task="company")
    context = {
        "company": company,
        "shown": shown(match) if match else None,
        "introduction": _introductions(request).filter(company=company).first(),
        "disclosed": matching.disclosed_to(request.user, company.pk),
        "documents": rooms.documents_for(request.user).filter(company=company).count(),
    }
    return render(request, "investors/portal/company.html", context)


@require_safe
def picture(request: HttpRequest, slug: str) -> HttpResponseBase:
    company = get_object_or_404(_companies(request), slug=slug)
    note_access(request, "company", [company.pk], task="picture")
    return picture_response(company)


@require_safe
def match_list(request: HttpRequest) -> HttpResponse:
    matches = _matches(request)
    note_access(request, "company", [each.match.company_id for each in matches], task="matches")
    return render(request, "investors/portal/matches.html", {"matches": matches})


@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail to the firm: to whoever of the firm has signed in. For anyone else there is nothing here."""
    try:
        introduction = get_object_or_404(
            _introductions(request), pk=links.read_link(token, now=timezone.now())
        )
    except links.LinkUnknown as error:
        raise Http404 from error
    except links.LinkExpired:
        return render(request, "investors/portal/link_expired.html", status=410)
    return redirect("invest:company", introduction.company.slug)


@dataclass(frozen=True)
class UnderWay:
    introduction: Introduction
    disclosure: DisclosureGrant | None


@require_safe
def schedule(request: Any) -> HttpResponse:
    introductions = list(_introductions(request).filter(state__in=UNDER_WAY))
    disclosures = {
        disclosure.introduction_id: disclosure
        for disclosure in matching.disclosures_for(request.user)
        .for_firm()
        .filter(firm__in=request.acting.firm_ids)
        .live(timezone.localdate())
    }
    note_access(request, "company", [each.company_id for each in introductions], task="schedule")
    rows = [UnderWay(each, disclosures.get(each.pk)) for each in introductions]
    return render(request, "investors/portal/schedule.html", {"rows": rows})
