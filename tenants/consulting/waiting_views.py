"""Waiting for a time of a full week, and answering when one is held."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incubator.common.errors import DomainError
from tenants.companies import selectors as companies

from . import selectors, services
from .forms import PeopleForm, SlotFilter, show_refusal, week_of
from .times import bookable_advisers_for


@require_POST
def join(request: Any) -> HttpResponse:
    """Fields: week (any day of it), and field, adviser and language as in the search."""
    advisers = bookable_advisers_for(request.user)
    form = SlotFilter(request.POST, advisers=advisers)
    week = week_of(request.POST.get("week", ""))
    wanted = form.filter
    try:
        services.join_waiting_list(
            company=get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id),
            week=week or timezone.localdate(),
            adviser=next((each for each in advisers if each.pk == wanted.adviser), None),
            field=wanted.field,
            language=wanted.language,
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("You are on the waiting list. When a time is freed, it is held for you and you get an e-mail."),
        )
    return redirect("consulting:home")


@require_POST
def leave(request: Any, pk: int) -> HttpResponse:
    entry = get_object_or_404(selectors.waiting_for(request.user), pk=pk)
    services.leave_waiting_list(entry=entry, actor=request.user, now=timezone.now())
    messages.success(request, _("You wait no longer."))
    return redirect("consulting:home")


@require_http_methods(["GET", "POST"])
def offer(request: Any, pk: int) -> HttpResponse:
    """A time that is held for the company."""
    now = timezone.now()
    found = get_object_or_404(
        selectors.offers_for(request.user)
        .select_related("slot__adviser", "slot__room", "entry")
        .defer(*(f"slot__adviser__{name}" for name in ("email", "user", "firm", "created_at", "updated_at"))),
        pk=pk,
    )
    members = companies.members_for(request.user).filter(company_id=request.acting.scope_id)
    form = PeopleForm(
        request.POST or None,
        request.FILES or None,
        members=members.order_by("user__name", "pk"),
        initial={"attendee": request.user.pk},
    )
    if request.method == "POST" and form.is_valid():
        try:
            booking = services.accept_offer(offer=found, actor=request.user, now=now, **form.given)
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The session is booked. The adviser is told by e-mail."))
            return redirect("consulting:booking", booking.pk)
    allowance = selectors.allowance_of(request.acting.scope_id, at=found.slot.starts)
    context = {
        "offer": found,
        "slot": found.slot,
        "form": form,
        "allowance": allowance,
        "left_after": allowance.left - found.slot.minutes,
        "is_open": found.state == "open" and found.expires_at > now,
    }
    status = 422 if form.errors and not request.htmx else 200
    return render(request, "tenants/consulting/offer.html", context, status=status)


@require_POST
def pass_offer(request: Any, pk: int) -> HttpResponse:
    found = get_object_or_404(selectors.offers_for(request.user), pk=pk)
    try:
        services.pass_offer(offer=found, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The time goes to the next company. You stay on the waiting list."))
    return redirect("consulting:home")
