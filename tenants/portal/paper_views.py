"""The papers that a company has made by itself: its certificate of residency and its statement of support."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incubator.common.errors import DomainError
from tenants.companies import selectors as companies
from tenants.companies.models import Company
from tenants.leases import selectors as leases
from tenants.lifecycle.certificates import issue_residency
from tenants.papers.enums import PaperLanguage
from tenants.papers.models import Paper

from .forms import CertificateForm, SupportPaperForm
from .statement import statement_of
from .support_paper import issue_support


def _company(request: Any) -> Company:
    return get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id)


def _language(request: Any) -> str:
    return PaperLanguage.ENGLISH if request.LANGUAGE_CODE[:2] == "en" else PaperLanguage.KOREAN


def _issued(request: HttpRequest, paper: Paper) -> HttpResponse:
    messages.success(
        request,
        _("%(title)s is issued. Its code is %(code)s.") % {"title": paper.title, "code": paper.code_shown},
    )
    return redirect("papers:home")


@require_http_methods(["GET", "HEAD", "POST"])
def residency(request: HttpRequest) -> HttpResponse:
    """Ask for a certificate of residency: what for, in which language, and what it will say."""
    company, now = _company(request), timezone.now()
    form = CertificateForm(
        request.POST if request.method == "POST" else None, initial={"language": _language(request)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            paper = issue_residency(company=company, **form.cleaned_data, actor=request.user, now=now)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _issued(request, paper)
    held = leases.held_on(leases.leases_for(request.user).filter(company=company), timezone.localdate(now))
    context = {"company": company, "form": form, "held": list(held.order_by("period", "pk"))}
    return render(request, "tenants/portal/residency_paper.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def support(request: HttpRequest) -> HttpResponse:
    """Ask for a statement of support over the days of `?from=&to=`, with the sums that it will say."""
    company, now = _company(request), timezone.now()
    form = _support_form(request, now)
    valid = form.is_valid()
    first = form.cleaned_data.get("from") if valid else None
    last = form.cleaned_data["to"] if valid else timezone.localdate(now)
    if request.method == "POST" and valid:
        try:
            language = form.cleaned_data["language"]
            paper = issue_support(
                company=company, first=first, last=last, language=language, actor=request.user, now=now
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _issued(request, paper)
    context = {
        "company": company,
        "form": form,
        "statement": statement_of(request.user, company.pk, first=first, last=last),
    }
    return render(request, "tenants/portal/support_paper.html", context)


def _support_form(request: HttpRequest, now: datetime) -> SupportPaperForm:
    today = timezone.localdate(now)
    if request.method == "POST":
        return SupportPaperForm(request.POST, today=today)
    asked = {name: request.GET.get(name, "") for name in ("from", "to")}
    return SupportPaperForm({**asked, "language": _language(request)}, today=today)
