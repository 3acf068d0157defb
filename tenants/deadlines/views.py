"""A founder's deadlines: what comes when, evidence of duties, and what was sent to whom."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response
from tenants.companies import selectors as companies

from . import selectors, services
from .calendars import calendar_of
from .enums import ClockKind, DutyState
from .forms import DutyForm
from .rules import HARMLESS

NEAR_DAYS = 30
PAGE = 50


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    found = selectors.clocks_for(request.user, today)
    context = {
        "today": today,
        "clocks": [(each, each.days_left(today)) for each in found],
        "near": sum(each.days_left(today) <= NEAR_DAYS for each in found),
        "first": found[0] if found else None,
    }
    return render(request, "tenants/deadlines/home.html", context)


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The own deadlines as a file for any calendar."""
    now = timezone.now()
    found = selectors.clocks_for(request.user, timezone.localdate(now))
    content = calendar_of(found, name=_("Deadlines"), now=now)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="deadlines.ics"'
    return response


@require_http_methods(["GET", "POST"])
def duty(request: Any, kind_id: int) -> HttpResponse:
    """One kind of duty: what was sent in, and sending in the next."""
    kind = get_object_or_404(selectors.kinds_for(request.user).filter(active=True), pk=kind_id)
    done = list(selectors.duties_for(request.user).filter(kind=kind).order_by("-valid_until", "-pk"))
    form = DutyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        company = get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id)
        try:
            with transaction.atomic():
                services.send_in_duty(
                    company=company, kind=kind, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
        except DomainError as error:
            field = "evidence" if error.field == "file" else error.field
            form.add_error(field if field in form.fields else None, str(error))
        else:
            messages.success(request, _("Your evidence is with the camp office."))
            return redirect("deadlines:duty", kind_id=kind.pk)
    context = {
        "kind": kind,
        "done": done,
        "waiting": next((each for each in done if each.state == DutyState.SUBMITTED), None),
        "valid": next((each for each in done if each.state == DutyState.CONFIRMED), None),
        "form": form,
        "today": timezone.localdate(),
    }
    return render(request, "tenants/deadlines/duty.html", context)


@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = get_object_or_404(selectors.duties_for(request.user), pk=pk)
    return stored_response(found.evidence, name=found.evidence_name, content_type=found.evidence_type)


@require_safe
def reminders(request: HttpRequest) -> HttpResponse:
    """What the company's people were sent, and which of it the reader can do without."""
    found = selectors.reminders_for(request.user).filter(superseded=False)
    sent = found.annotate(sent_at=F("digest__sent_at")).order_by("-made_at", "due_on", "pk")
    off = set(selectors.offs_for(request.user).values_list("kind", "object_id"))
    choices = [
        (kind, 0, str(ClockKind(kind).label), (kind, 0) in off)
        for kind in ClockKind
        if kind in HARMLESS and kind != ClockKind.REGISTRATION
    ]
    choices += [
        (ClockKind.DUTY, kind.pk, kind.display_name, (ClockKind.DUTY, kind.pk) in off)
        for kind in selectors.kinds_for(request.user).filter(active=True, may_be_off=True)
    ]
    page = Paginator(sent, PAGE).get_page(request.GET.get("page"))
    return render(request, "tenants/deadlines/reminders.html", {"page": page, "choices": choices})


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """`kind`, `object_id` and `to` (on or off)."""
    number = request.POST.get("object_id", "0")
    object_id = int(number) if number.isascii() and number.isdecimal() and len(number) < 18 else -1
    change = services.switch_on if request.POST.get("to") == "on" else services.switch_off
    try:
        change(kind=request.POST.get("kind", ""), object_id=object_id, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your choice is kept."))
    return redirect("deadlines:reminders")
