"""The teacher's programmes: who comes, one tap each, and what is handed out. Made for a phone."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from incubator.audit.services import note_access
from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response

from . import selectors, services
from .enums import Presence, ProgrammeState, SignUpState
from .forms import MaterialForm, show_refusal
from .models import Meeting, Programme, SignUp
from .services.attending import EARLIEST

SHOWN = 50
# Of a company, a teacher reads its name alone.
_COMPANY = ("company__id", "company__name", "company__name_en")


@require_safe
def home(request: Any) -> HttpResponse:
    """The programmes that they teach, and the next meeting of all."""
    now = timezone.now()
    found = list(
        selectors.programmes_for(request.user).order_by("-opens_at", "-pk").defer("description")[:SHOWN]
    )
    coming = (
        selectors.meetings_for(request.user)
        .filter(is_off=False, period__endswith__gt=now)
        .select_related("programme", "room")
        .order_by("period", "pk")
        .first()
    )
    return render(request, "tenants/programmes/advise/home.html", {"programmes": found, "next": coming})


def _programme(request: Any, pk: int) -> Programme:
    found: Programme = get_object_or_404(selectors.programmes_for(request.user), pk=pk)
    return found


def _participants(request: Any, programme_id: int) -> list[SignUp]:
    rows = selectors.sign_ups_for(request.user).filter(
        programme=programme_id, state__in=[SignUpState.SIGNED, SignUpState.WAITING]
    )
    found = list(
        rows.select_related("person", "company")
        .only("id", "state", "programme_id", "joined_at", "person__id", "person__name", *_COMPANY)
        .order_by("person__name", "pk")
    )
    note_access(request, "company", {each.company_id for each in found}, task="programme participants")
    return found


def _page(request: Any, found: Programme, form: Any = None) -> HttpResponse:
    meetings = list(
        selectors.meetings_for(request.user)
        .filter(programme=found)
        .select_related("room", "link")
        .order_by("period", "pk")
    )
    people = _participants(request, found.pk)
    shares = selectors.shares(people, request.user)
    context = {
        "programme": found,
        "meetings": meetings,
        "seated": [(each, shares[each.pk]) for each in people if each.state == SignUpState.SIGNED],
        "waiting": [each for each in people if each.state == SignUpState.WAITING],
        "materials": list(
            selectors.materials_for(request.user)
            .filter(programme=found)
            .select_related("meeting")
            .order_by("pk")
        ),
        "form": form or MaterialForm(meetings=meetings),
        "may_add": found.state != ProgrammeState.OFF,
    }
    status = 422 if form is not None and not request.htmx else 200
    return render(request, "tenants/programmes/advise/programme.html", context, status=status)


@require_safe
def programme(request: Any, pk: int) -> HttpResponse:
    return _page(request, _programme(request, pk))


def _meeting(request: Any, pk: int) -> Meeting:
    found: Meeting = get_object_or_404(
        selectors.meetings_for(request.user).select_related("programme", "room", "link"), pk=pk
    )
    return found


@require_safe
def meeting(request: Any, pk: int) -> HttpResponse:
    """Everyone with a seat, and what is recorded of them."""
    found = _meeting(request, pk)
    recorded = dict(
        selectors.attendances_for(request.user)
        .filter(meeting=found)
        .order_by()
        .values_list("sign_up_id", "presence")
    )
    people = [
        (each, recorded.get(each.pk))
        for each in _participants(request, found.programme_id)
        if each.state == SignUpState.SIGNED
    ]
    context = {
        "meeting": found,
        "people": people,
        "presences": Presence.choices,
        "recorded": sum(presence is not None for _each, presence in people),
        "may_record": not found.is_off and timezone.now() >= found.starts - EARLIEST,
    }
    return render(request, "tenants/programmes/advise/meeting.html", context)


@require_POST
def record(request: Any, pk: int) -> HttpResponse:
    """One tap: `person` is a sign-up, `presence` what became of them."""
    found = _meeting(request, pk)
    wanted = request.POST.get("person", "")
    sign_up = get_object_or_404(
        selectors.sign_ups_for(request.user).filter(programme=found.programme_id),
        pk=int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 18 else 0,
    )
    try:
        with transaction.atomic():
            services.record_attendance(
                meeting=found,
                sign_up=sign_up,
                presence=request.POST.get("presence", ""),
                actor=request.user,
                now=timezone.now(),
            )
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(reverse("teach:meeting", args=[pk]) + f"#person-{sign_up.pk}")


@require_POST
def rest(request: Any, pk: int) -> HttpResponse:
    """Everybody of whom nothing is recorded yet was there."""
    found = _meeting(request, pk)
    try:
        with transaction.atomic():
            count = services.record_rest_present(meeting=found, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext(
            "%(count)s person is recorded as present.", "%(count)s people are recorded as present.", count
        )
        messages.success(request, text % {"count": count})
    return redirect("teach:meeting", pk=pk)


@require_POST
def add_material(request: Any, pk: int) -> HttpResponse:
    found = _programme(request, pk)
    meetings = list(selectors.meetings_for(request.user).filter(programme=found).order_by("period", "pk"))
    form = MaterialForm(request.POST, request.FILES, meetings=meetings)
    if form.is_valid():
        wanted = form.cleaned_data["meeting"]
        try:
            with transaction.atomic():
                services.add_material(
                    programme=found,
                    meeting=next((each for each in meetings if each.pk == wanted), None),
                    file=form.cleaned_data["file"],
                    actor=request.user,
                    now=timezone.now(),
                )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The participants can read the file now."))
            return redirect("teach:programme", pk=pk)
    return _page(request, found, form)


@require_safe
def material(request: Any, pk: int) -> HttpResponseBase:
    found = get_object_or_404(selectors.materials_for(request.user), pk=pk)
    return stored_response(found.file, name=found.name, content_type=found.content_type)


@require_POST
def remove_material(request: Any, pk: int) -> HttpResponse:
    found = get_object_or_404(selectors.materials_for(request.user).select_related("programme"), pk=pk)
    try:
        with transaction.atomic():
            services.remove_material(material=found, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The file is handed out no longer."))
    return redirect("teach:programme", pk=found.programme_id)
