"""A founder reports problems and wishes, follows them, and says whether they are solved."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response
from tenants.companies import selectors as companies

from . import selectors, services
from .enums import OPEN_STATES, RequestState
from .forms import CommentForm, ReportForm, SolvedForm, UnsolvedForm
from .models import HelpRequest
from .places import places_of

PAGE = 50
PARTS = ("open", "done", "all")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The company's requests; `?show=open|done|all`."""
    part = request.GET.get("show", "")
    part = part if part in PARTS else "all"
    found = selectors.requests_for(request.user)
    states = {
        "open": (*OPEN_STATES, RequestState.SOLVED),
        "done": (RequestState.CLOSED, RequestState.DECLINED),
    }
    if part in states:
        found = found.filter(state__in=states[part])
    today = timezone.localdate()
    page = Paginator(selectors.in_queue_order(found), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "shown": [(each, each.is_overdue(today)) for each in page],
        "waiting": selectors.requests_for(request.user)
        .filter(state__in=[RequestState.WAITING, RequestState.SOLVED])
        .count(),
        "counts": selectors.open_counts(selectors.requests_for(request.user), today),
        "part": part,
        "today": today,
    }
    return render(request, "tenants/helpdesk/home.html", context)


@require_http_methods(["GET", "POST"])
def new(request: Any) -> HttpResponse:
    form = ReportForm(
        request.POST or None,
        request.FILES or None,
        categories=selectors.categories_for(request.user).filter(active=True),
        places=places_of(request.user),
        initial={"key": uuid4().hex},
    )
    if request.method == "POST" and form.is_valid():
        company = get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id)
        asked = _done(
            form,
            lambda: services.report_problem(
                company=company, actor=request.user, now=timezone.now(), **form.cleaned_data
            ),
        )
        if asked is not None:
            messages.success(request, _("The camp office has your request. We will tell you what happens."))
            return redirect("helpdesk:request", pk=asked.pk)
    return render(request, "tenants/helpdesk/new.html", {"form": form})


def _done(form: forms.Form, act: Callable[[], Any]) -> Any:
    """What the service gives; None after a refusal, which is shown at its field with what was typed still there."""
    try:
        with transaction.atomic():
            return act()
    except DomainError as error:
        field = "photos" if error.field == "picture" else error.field
        form.add_error(field if field in form.fields else None, str(error))
        return None


def _own(request: Any, pk: int) -> HelpRequest:
    return get_object_or_404(selectors.requests_for(request.user), pk=pk)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _own(request, pk))


def _page(request: HttpRequest, asked: HelpRequest, **forms_: Any) -> HttpResponse:
    history = selectors.history_of(request.user, asked)
    today = timezone.localdate()
    context = {
        "asked": asked,
        "history": history,
        "in_charge": next((each.text for each in reversed(history) if each.kind == "assigned"), ""),
        "today": today,
        "overdue": asked.is_overdue(today),
        "comment_form": CommentForm(prefix="comment"),
        "solved_form": SolvedForm(prefix="solved"),
        "unsolved_form": UnsolvedForm(prefix="unsolved"),
        **forms_,
    }
    return render(request, "tenants/helpdesk/request.html", context)


def _say(
    request: HttpRequest,
    pk: int,
    form_class: type[forms.Form],
    prefix: str,
    service: Callable[..., Any],
    said: str,
) -> HttpResponse:
    asked = _own(request, pk)
    form = form_class(request.POST, request.FILES, prefix=prefix)
    if form.is_valid():
        done = _done(
            form, lambda: service(request=asked, actor=request.user, now=timezone.now(), **form.cleaned_data)
        )
        if done is not None:
            messages.success(request, said)
            return redirect("helpdesk:request", pk=asked.pk)
    return _page(request, asked, **{f"{prefix}_form": form})


@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    return _say(request, pk, CommentForm, "comment", services.comment, _("Your message is sent."))


@require_POST
def solved(request: HttpRequest, pk: int) -> HttpResponse:
    return _say(
        request, pk, SolvedForm, "solved", services.confirm_solved, _("Thank you. The request is closed.")
    )


@require_POST
def unsolved(request: HttpRequest, pk: int) -> HttpResponse:
    return _say(request, pk, UnsolvedForm, "unsolved", services.say_unsolved, _("The request is open again."))


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    asked = _own(request, pk)
    try:
        services.withdraw(request=asked, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your request is taken back."))
    return redirect("helpdesk:request", pk=asked.pk)


@require_safe
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = get_object_or_404(selectors.photos_for(request.user), pk=pk)
    return stored_response(
        found.image, name=f"request-{found.pk}.webp", content_type="image/webp", inline=True
    )
