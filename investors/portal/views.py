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
from incubator.common.downloads import csv_response
from incubator.common.enums import Region, Sector, Stage
from investors.dataroom import selectors as rooms
from investors.firms import selectors as firms
from investors.matching import links
from investors.matching import selectors as matching
from investors.matching.enums import FOLLOWS
from investors.matching.models import DisclosureGrant, Introduction, IntroductionQuerySet, Investment
from investors.matching.views import ShownMatch, shown
from investors.matching.words import shown_score
from tenants.companies import selectors as companies
from tenants.companies.enums import AskBand
from tenants.companies.models import Company, ShownTeaser
from tenants.companies.pictures import picture_response

from . import comparing, exports, meetings, selectors
from .listing import Listing

FIRST_MATCHES = 6
FIRST_COMPANIES = 8
PAGE = 50
UNDER_WAY = tuple(FOLLOWS)


def _companies(request: HttpRequest) -> QuerySet[Company]:
    return (
        companies.companies_for(request.user).filter(visible_to_investors=True).defer(*Company.PRIVATE_FIELDS)
    )


def _teasers(request: HttpRequest) -> QuerySet[ShownTeaser]:
    return companies.teasers_for(request.user)


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
        **_choices(listing),
        "page": page,
        "total": everyone.count() if listing.narrowed else page.paginator.count,
        "teasers": _teasers(request).count(),
        "query": request.GET.urlencode(),
        "most": comparing.MOST,
    }
    return render(request, "investors/portal/companies.html", context)


def _choices(listing: Listing) -> dict[str, Any]:
    return {
        "listing": listing,
        "sectors": Sector.choices,
        "stages": Stage.choices,
        "regions": Region.choices,
        "asks": AskBand.choices,
    }


@require_safe
def teaser_list(request: HttpRequest) -> HttpResponse:
    """Companies that are seen without their names: nothing here leads to them but the office."""
    listing = Listing.of(request.GET.dict())
    everyone = _teasers(request)
    page = Paginator(listing.filtered_teasers(everyone), PAGE).get_page(request.GET.get("page", "")[:9])
    note_access(request, "teaser", [teaser.pk for teaser in page], task="list of teasers")
    context = {
        **_choices(listing),
        "page": page,
        "total": everyone.count() if listing.narrowed else page.paginator.count,
        "query": request.GET.urlencode(),
    }
    return render(request, "investors/portal/teasers.html", context)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Up to four companies side by side; those that are none, or that the firm does not see, are left out."""
    wanted = comparing.asked(request.GET.getlist("c"))
    found = {company.slug: company for company in _companies(request).filter(slug__in=wanted)}
    chosen = [found[slug] for slug in wanted if slug in found]
    matches = matching.matches_for(request.user).for_firm().filter(company__in=chosen, published=True)
    scores = {match.company_id: shown_score(match.score) for match in matches} if chosen else {}
    note_access(request, "company", [company.pk for company in chosen], task="comparison")
    context = {"companies": chosen, "lines": comparing.compare(chosen, scores), "most": comparing.MOST}
    return render(request, "investors/portal/compare.html", context)


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


def _under_way(request: Any) -> IntroductionQuerySet:
    return _introductions(request).filter(state__in=UNDER_WAY)


@require_safe
def schedule(request: Any) -> HttpResponse:
    introductions = list(_under_way(request))
    disclosures = {
        disclosure.introduction_id: disclosure
        for disclosure in matching.disclosures_for(request.user)
        .for_firm()
        .filter(firm__in=request.acting.firm_ids)
        .live(timezone.localdate())
    }
    note_access(request, "company", [each.company_id for each in introductions], task="schedule")
    context = {
        "rows": [UnderWay(each, disclosures.get(each.pk)) for each in introductions],
        "calendar": selectors.calendars_for(request.user).filter(firm__in=request.acting.firm_ids).first(),
    }
    return render(request, "investors/portal/schedule.html", context)


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The firm's meetings as a file, for whoever has signed in."""
    content, company_ids = meetings.calendar_of(request.user, timezone.now())
    note_access(request, "company", company_ids, task="meetings as a calendar")
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="meetings.ics"'},
    )


def _investments(request: Any) -> QuerySet[Investment]:
    return (
        matching.investments_for(request.user)
        .filter(companies.in_sight("company__"), firm__in=request.acting.firm_ids)
        .select_related("company")
        .defer(*Investment.PRIVATE_FIELDS, *(f"company__{name}" for name in Company.PRIVATE_FIELDS))
    )


@require_safe
def portfolio(request: Any) -> HttpResponse:
    """What the firm invested through the camp, and what it told the camp that it holds."""
    found = list(_investments(request))
    note_access(request, "company", [each.company_id for each in found], task="portfolio")
    context = {
        "investments": found,
        "amount": sum(each.amount_krw for each in found),
        "holdings": firms.holdings_for(request.user).filter(firm__in=request.acting.firm_ids),
    }
    return render(request, "investors/portal/portfolio.html", context)


@require_safe
def table(request: Any, name: str) -> HttpResponse:
    """A list as CSV: what its page shows to the same person, in the same search."""
    listing = Listing.of(request.GET.dict())
    if name == "companies":
        shown_companies = list(listing.filtered(_companies(request)))
        ids, rows = [each.pk for each in shown_companies], exports.companies(shown_companies)
    elif name == "teasers":
        shown_teasers = list(listing.filtered_teasers(_teasers(request)))
        note_access(request, "teaser", [each.pk for each in shown_teasers], task="teasers.csv")
        ids, rows = [], exports.teasers(shown_teasers)
    elif name == "matches":
        matches = _matches(request)
        ids, rows = [each.match.company_id for each in matches], exports.matches(matches)
    elif name == "introductions":
        found = list(_under_way(request))
        ids, rows = [each.company_id for each in found], exports.introductions(found)
    elif name == "portfolio":
        money = list(_investments(request))
        holdings = firms.holdings_for(request.user).filter(firm__in=request.acting.firm_ids)
        ids, rows = [each.company_id for each in money], exports.portfolio(money, holdings)
    else:
        raise Http404
    note_access(request, "company", ids, task=f"{name}.csv")
    return csv_response(name, rows)
