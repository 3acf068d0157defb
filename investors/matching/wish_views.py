"""Whom a company wants to meet, and whom not: what it says here only the camp office reads."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incubator.common.errors import DomainError
from tenants.companies import selectors as companies
from tenants.companies.models import Company

from . import rules, selectors, services
from .enums import ConflictState, PreferenceLevel, Side
from .forms import ConflictForm, WishForm
from .limit_models import MOST_MUSTS


def _company(request: Any) -> Company:
    return get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return _home(request, _company(request))


def _home(request: Any, company: Company, refused: WishForm | ConflictForm | None = None) -> HttpResponse:
    today = timezone.localdate()
    firms = selectors.firms_met_by(request.user)
    wishes = [
        wish
        for wish in selectors.preferences_for(request.user).filter(company=company, side=Side.COMPANY)
        if wish.level != PreferenceLevel.NEUTRAL
    ]
    apart = [
        conflict
        for conflict in selectors.conflicts_for(request.user).filter(company=company, side=Side.COMPANY)
        if conflict.until is None or conflict.until >= today
    ]
    said = selectors.participations_for(request.user).filter(company=company).first()
    context = {
        "company": company,
        "firms": firms,
        "wishes": sorted(wishes, key=lambda wish: (wish.rank or 99, wish.firm.name)),
        "apart": apart,
        "rejected": ConflictState.REJECTED,
        "takes_part": said is None or said.takes_part,
        "may_write": rules.may_speak_for(request.user, company),
        "most_musts": MOST_MUSTS,
        "wish_form": refused if isinstance(refused, WishForm) else WishForm(firms),
        "conflict_form": refused if isinstance(refused, ConflictForm) else ConflictForm(firms),
    }
    return render(request, "investors/matching/wishes.html", context)


def _said(request: Any, form: Any, company: Company, say: Callable[..., Any], done: str) -> HttpResponse:
    """Say it, or show the page again with what was typed and why it was refused."""
    if form.is_valid():
        values = dict(form.cleaned_data)
        try:
            say(company=company, firm_id=values.pop("firm"), actor=request.user, **values)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, done)
            return redirect("matching:wishes")
    return _home(request, company, form)


@require_POST
def wish(request: Any) -> HttpResponse:
    company = _company(request)
    form = WishForm(selectors.firms_met_by(request.user), request.POST)

    def say(**values: Any) -> Any:
        return services.set_preference(side=Side.COMPANY, **values)

    return _said(request, form, company, say, _("Your wish is kept. Only the camp office reads it."))


@require_POST
def declare(request: Any) -> HttpResponse:
    company = _company(request)
    form = ConflictForm(selectors.firms_met_by(request.user), request.POST)

    def say(**values: Any) -> Any:
        return services.declare_conflict(now=timezone.now(), **values)

    return _said(request, form, company, say, _("Kept. Only the camp office reads it."))


@require_POST
def end(request: Any, pk: int) -> HttpResponse:
    conflict = get_object_or_404(
        selectors.conflicts_for(request.user), pk=pk, company=request.acting.scope_id, side=Side.COMPANY
    )
    try:
        services.end_conflict(conflict=conflict, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(firm)s may be proposed again.") % {"firm": conflict.firm.name})
    return redirect("matching:wishes")


@require_POST
def take_part(request: Any) -> HttpResponse:
    takes_part = request.POST.get("takes_part") == "yes"
    try:
        services.set_participation(company=_company(request), takes_part=takes_part, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("Your company is matched again from the next run on.")
            if takes_part
            else _("Your company is left out of every run from now on."),
        )
    return redirect("matching:wishes")
