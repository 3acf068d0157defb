"""The founder's matches: what waits for consent, who fits, and who sees what."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incubator.common.errors import DomainError
from tenants.companies import selectors as companies
from tenants.companies.models import Company

from . import selectors, services
from .consent import Term, consent_terms
from .enums import DisclosureItem, IntroductionState
from .errors import IntroductionAnswered
from .forms import AnswerForm, DeclineForm
from .models import Introduction, Match
from .words import Reason, missing_labels, reasons_of, shown_score


@dataclass(frozen=True)
class ShownMatch:
    match: Match
    score: Decimal
    reasons: list[Reason]
    missing: list[Any]

    @property
    def best(self) -> list[Reason]:
        """The two reasons that give the most."""
        return sorted(self.reasons, key=lambda reason: -reason.points)[:2]


def shown(match: Match) -> ShownMatch:
    """A match as a page shows it: its score and the reasons that add up to it."""
    return ShownMatch(
        match,
        shown_score(match.score),
        reasons_of(match.score, match.components),
        missing_labels(match.missing),
    )


@dataclass
class Question:
    """An introduction that waits for the company's consent, with everything that the consent names."""

    introduction: Introduction
    terms: list[Term]
    match: ShownMatch | None
    answer: AnswerForm
    decline: DeclineForm

    @property
    def item_labels(self) -> list[Any]:
        return [DisclosureItem(code).label for code in self.introduction.items]


def _question(introduction: Introduction, company: Company) -> Question:
    return Question(
        introduction,
        consent_terms(
            company_name=company.name,
            firm_name=introduction.firm.name,
            items=introduction.items,
            until=introduction.until,
        ),
        shown(introduction.match) if introduction.match else None,
        AnswerForm(introduction),
        DeclineForm(introduction),
    )


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return _home(request)


def _home(
    request: Any, refused: AnswerForm | DeclineForm | None = None, pk: int | None = None
) -> HttpResponse:
    today = timezone.localdate()
    company = get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id)
    introductions = list(
        selectors.introductions_for(request.user)
        .for_company()
        .filter(company=company)
        .prefetch_related(
            Prefetch("steps", selectors.steps_for(request.user)),
            Prefetch("investments", selectors.investments_for(request.user)),
        )
    )
    questions = [
        _question(introduction, company)
        for introduction in reversed(introductions)
        if introduction.state == IntroductionState.ASKED
    ]
    for question in questions:
        if question.introduction.pk == pk:
            if isinstance(refused, AnswerForm):
                question.answer = refused
            elif refused is not None:
                question.decline = refused
    matches = selectors.matches_for(request.user).for_company().filter(company=company, published=True)
    disclosures = selectors.disclosures_for(request.user).for_company().filter(company=company).live(today)
    context = {
        "company": company,
        "questions": questions,
        "introductions": [
            introduction for introduction in introductions if introduction.state != IntroductionState.ASKED
        ],
        "matches": [shown(match) for match in matches],
        "disclosures": disclosures,
    }
    return render(request, "investors/matching/home.html", context)


@require_POST
def answer(request: Any, pk: int) -> HttpResponse:
    introduction = get_object_or_404(
        selectors.introductions_for(request.user).for_company(), pk=pk, company=request.acting.scope_id
    )
    agrees = request.POST.get("consent") == "yes"
    form: Any = (AnswerForm if agrees else DeclineForm)(introduction, request.POST)
    if not form.is_valid():
        return _home(request, form, pk)
    try:
        services.answer_introduction(
            introduction=introduction,
            consent=agrees,
            actor=request.user,
            now=timezone.now(),
            **form.cleaned_data,
        )
    except DomainError as error:
        if isinstance(error, IntroductionAnswered):
            messages.error(request, str(error))
            return redirect("matching:home")
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _home(request, form, pk)
    firm = {"firm": introduction.firm.name}
    messages.success(
        request,
        _("%(firm)s sees what you agreed to now. The camp office arranges the meeting.") % firm
        if agrees
        else _("You declined. %(firm)s does not hear of it.") % firm,
    )
    return redirect("matching:home")


@require_POST
def withdraw(request: Any, pk: int) -> HttpResponse:
    disclosure = get_object_or_404(
        selectors.disclosures_for(request.user).for_company(), pk=pk, company=request.acting.scope_id
    )
    try:
        services.withdraw_disclosure(disclosure=disclosure, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("Withdrawn. %(firm)s cannot see it any more.") % {"firm": disclosure.firm.name},
        )
    return redirect("matching:home")
