"""The founder's programmes: which are open, what the company takes part in, and what came of it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response
from tenants.companies import selectors as companies

from . import selectors, services
from .enums import LIVE_SIGN_UPS, ProgrammeState, SignUpState
from .forms import ReasonForm, SignUpForm, show_refusal
from .models import Attendance, Meeting, Programme, SignUp
from .selectors import Share, share_of

PAGE = 50


@require_safe
def home(request: Any) -> HttpResponse:
    """Programmes to sign up for, the soonest to close first, and those of the company. Parameter: page (of the open ones)."""
    now = timezone.now()
    found = selectors.programmes_for(request.user).with_teacher()
    open_ones = found.filter(state=ProgrammeState.OPEN, closes_at__gt=now).order_by("closes_at", "pk")
    own = list(
        selectors.sign_ups_for(request.user)
        .filter(state__in=LIVE_SIGN_UPS)
        .select_related("programme", "person")
        .order_by("-programme__opens_at", "-programme_id", "pk")[:PAGE]
    )
    page = Paginator(open_ones, PAGE).get_page(request.GET.get("page"))
    context = {
        "now": now,
        "page": page,
        "open": page.paginator.count,
        "own": own,
        "mine": {each.programme_id for each in own},
    }
    return render(request, "tenants/programmes/home.html", context)


@dataclass(frozen=True)
class Date:
    """A meeting as one participant finds it."""

    meeting: Meeting
    attendance: Attendance | None


@dataclass(frozen=True)
class Part:
    """What a person of the company has of the programme."""

    sign_up: SignUp
    dates: list[Date]
    share: Share
    certificate: Any
    may_certify: bool


def _programme(request: Any, pk: int) -> Programme:
    found: Programme = get_object_or_404(selectors.programmes_for(request.user).with_teacher(), pk=pk)
    return found


def _parts(request: Any, programme: Programme, meetings: list[Meeting]) -> list[Part]:
    """In three statements, however many people."""
    sign_ups = list(
        selectors.sign_ups_for(request.user)
        .filter(programme=programme, state__in=LIVE_SIGN_UPS)
        .select_related("person")
        .order_by("joined_at", "pk")
    )
    recorded = {
        (each.sign_up_id, each.meeting_id): each
        for each in selectors.attendances_for(request.user).filter(programme=programme)
    }
    certificates = {
        each.pk: each
        for each in selectors.certificates_for(request.user).filter(sign_up__in=[one.pk for one in sign_ups])
    }
    held = [meeting for meeting in meetings if not meeting.is_off]
    parts = []
    for each in sign_ups:
        dates = [Date(meeting, recorded.get((each.pk, meeting.pk))) for meeting in meetings]
        noted = [recorded[each.pk, one.pk].presence for one in held if (each.pk, one.pk) in recorded]
        share = share_of(noted, len(held))
        may = (
            programme.state == ProgrammeState.OVER
            and each.state == SignUpState.SIGNED
            and share.suffices(programme.attendance_needed)
        )
        parts.append(Part(each, dates, share, certificates.get(each.pk), may))
    return parts


def _page(request: Any, programme: Programme, *, status: int = 200, **forms: Any) -> HttpResponse:
    now = timezone.now()
    meetings = list(
        selectors.meetings_for(request.user)
        .filter(programme=programme)
        .select_related("room", "link")
        .order_by("period", "pk")
    )
    parts = _parts(request, programme, meetings)
    people = _people(request)
    signed = {part.sign_up.person_id for part in parts}
    free = [person for person in people if person.pk not in signed]
    begins = min((each.starts for each in meetings if not each.is_off), default=None)
    is_open = (
        programme.state == ProgrammeState.OPEN
        and programme.opens_at <= now < programme.closes_at
        and begins is not None
        and begins > now
    )
    chosen = request.user.pk if any(person.pk == request.user.pk for person in free) else None
    context = {
        "programme": programme,
        "meetings": meetings,
        "parts": parts,
        "seated": any(part.sign_up.state == SignUpState.SIGNED for part in parts),
        "materials": list(selectors.materials_for(request.user).filter(programme=programme).order_by("pk")),
        "is_open": is_open,
        "opens_later": programme.state == ProgrammeState.OPEN and now < programme.opens_at,
        "may_leave": begins is None or begins > now,
        "free": free,
        "sign_up_form": forms.get("sign_up") or SignUpForm(None, people=free, initial={"person": chosen}),
        "leave_form": forms.get("leave") or ReasonForm(),
        "leave_of": forms.get("leave_of"),
    }
    return render(request, "tenants/programmes/programme.html", context, status=status)


def _people(request: Any) -> list[Any]:
    members = companies.members_for(request.user).filter(
        company_id=request.acting.scope_id, user__is_active=True
    )
    return [each.user for each in members.select_related("user").order_by("pk")]


@require_safe
def programme(request: Any, pk: int) -> HttpResponse:
    return _page(request, _programme(request, pk))


def _refused(request: Any) -> int:
    return 200 if request.htmx else 422


@require_POST
def sign_up(request: Any, pk: int) -> HttpResponse:
    """`wait` says that a place on the waiting list will do."""
    found = _programme(request, pk)
    people = _people(request)
    form = SignUpForm(request.POST, people=people)
    if form.is_valid():
        person = next(each for each in people if each.pk == form.cleaned_data["person"])
        company = get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id)
        try:
            with transaction.atomic():
                made = services.sign_up(
                    programme=found,
                    company=company,
                    person=person,
                    wait="wait" in request.POST,
                    actor=request.user,
                    now=timezone.now(),
                )
        except DomainError as error:
            found = _programme(request, pk)
            show_refusal(form, error)
        else:
            text = _("%(name)s is signed up.")
            if made.state == SignUpState.WAITING:
                text = _("%(name)s is on the waiting list. We tell them by e-mail when a seat is theirs.")
            messages.success(request, text % {"name": person.name})
            return redirect("programmes:programme", pk=pk)
    return _page(request, found, sign_up=form, status=_refused(request))


@require_POST
def leave(request: Any, pk: int) -> HttpResponse:
    found = get_object_or_404(
        selectors.sign_ups_for(request.user).select_related("programme", "person"), pk=pk
    )
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                services.leave(
                    sign_up=_with_company(request, found),
                    reason=form.cleaned_data["reason"],
                    actor=request.user,
                    now=timezone.now(),
                )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("%(name)s has left the programme.") % {"name": found.person.name})
            return redirect("programmes:programme", pk=found.programme_id)
    shown = _programme(request, found.programme_id)
    return _page(request, shown, leave=form, leave_of=found.pk, status=_refused(request))


def _with_company(request: Any, found: SignUp) -> SignUp:
    found.company = get_object_or_404(companies.companies_for(request.user), pk=found.company_id)
    return found


@require_safe
def material(request: Any, pk: int) -> HttpResponseBase:
    found = get_object_or_404(selectors.materials_for(request.user), pk=pk)
    return stored_response(found.file, name=found.name, content_type=found.content_type)


@require_POST
def certificate(request: Any, pk: int) -> HttpResponse:
    """The certificate of a participant as its paper: issued the first time, the same paper ever after."""
    found = get_object_or_404(
        selectors.sign_ups_for(request.user).select_related("programme", "person"), pk=pk
    )
    try:
        with transaction.atomic():
            made = services.issue_certificate(
                sign_up=_with_company(request, found),
                language="en" if get_language() == "en" else "ko",
                actor=request.user,
                now=timezone.now(),
            )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("programmes:programme", pk=found.programme_id)
    return redirect("papers:file", pk=made.paper_id)
