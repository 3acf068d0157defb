"""A founder reads the contract, signs it, and asks to leave earlier."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.common.display import day
from incubator.common.errors import DomainError
from incubator.common.papers import pdf_response
from tenants.papers.services import file_of

from . import selectors, services
from .enums import LeaseState
from .forms import LeaveForm, SignForm
from .rules import may_sign_contract
from .selectors import contracts, endings
from .selectors.contracts import ContractView


def _views(request: HttpRequest) -> list[ContractView]:
    """All contracts of the company, those that wait for a signature first, the newest of each lease before the older ones."""
    found = [view for views in contracts.contract_views(request.user).values() for view in views]

    def order(view: ContractView) -> tuple[bool, bool, int]:
        offered = view.contract.lease.state == LeaseState.OFFERED
        return view.superseded, not (offered and view.company is None), -view.contract.pk

    return sorted(found, key=order)


@require_http_methods(["GET", "POST"])
def contract(request: Any, contract_id: int | None = None) -> HttpResponse:
    """The contract to be signed, or the one of this number; the others are linked."""
    views = _views(request)
    chosen = next((each for each in views if contract_id in (None, each.contract.pk)), None)
    if chosen is None and contract_id is not None:
        raise Http404
    context: dict[str, Any] = {"view": chosen, "others": [each for each in views if each is not chosen]}
    if chosen is None:
        return render(request, "tenants/leases/contract.html", context)
    paper = chosen.contract
    signable = paper.lease.state == LeaseState.OFFERED and not chosen.superseded and chosen.company is None
    may_sign = may_sign_contract(request.user, paper.lease)
    form = SignForm(request.POST or None, initial={"document_sha256": paper.sha256})
    if request.method == "POST" and form.is_valid():
        try:
            services.sign_contract(
                contract=paper,
                ip=request.META.get("REMOTE_ADDR") or None,
                user_agent=request.headers.get("User-Agent", ""),
                actor=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("You have signed. The camp office countersigns next."))
            return redirect("leases:contract_of", paper.pk)
    context |= {
        "form": form if (signable and may_sign) or form.errors else None,
        "signable": signable,
        "may_sign": may_sign,
        "consent": services.consent_words(),
    }
    return render(request, "tenants/leases/contract.html", context)


@require_safe
def contract_pdf(request: HttpRequest, contract_id: int) -> HttpResponse:
    found = get_object_or_404(contracts.contracts_for(request.user), pk=contract_id)
    return pdf_response(found.paper.title, file_of(found.paper))


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = get_object_or_404(selectors.leases_for(request.user), pk=lease_id)
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = services.ask_early_end(
                lease=lease, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            text = _("You have asked to leave after %(day)s. We will tell you what was decided.")
            messages.success(request, text % {"day": day(asked.last_day)})
            return redirect("leases:home")
    return render(request, "tenants/leases/leave.html", {"lease": lease, "form": form})


@require_POST
def withdraw_leave(request: HttpRequest, ending_id: int) -> HttpResponse:
    asked = get_object_or_404(endings.early_ends_for(request.user), pk=ending_id)
    try:
        services.withdraw_early_end(ending=asked, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your request is withdrawn. You can ask again."))
    return redirect("leases:home")
