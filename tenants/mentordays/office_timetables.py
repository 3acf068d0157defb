"""The office's pages of a day's timetable: computed, compared, published, repaired, followed, printed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.common.errors import DomainError
from incubator.common.papers import pdf_response
from incubator.jobs import selectors as jobs
from incubator.jobs.admin import progress_context

from . import selectors, services, sheets
from .board import board_of, difference, shown_version, unmet_of, who_is_next
from .enums import ArrangementState, DayState, Side
from .forms import RepairForm
from .models import Arrangement, Meeting, MentorDay, MentorSlot, Table
from .office_views import attempt, found_day, page
from .services.computing import KIND
from .services.mails import touched

SHOWN = 50


def _versions(request: Any, day: MentorDay) -> list[Arrangement]:
    found = selectors.arrangements_for(request.user).filter(day=day).order_by("-number")
    # What a page compares is small; what a version was computed from is not.
    return list(found.select_related("made_by").defer("input", "proof", "changes")[:SHOWN])


@require_safe
def timetable(request: Any, pk: int) -> HttpResponse:
    """The version that counts, and the computation that is under way."""
    day = found_day(request, pk)
    job = jobs.jobs_for(request.user).filter(kind=KIND, subject=str(day.pk)).order_by("-asked_at").first()
    versions = _versions(request, day)
    chosen = shown_version(request.user, day, versions)
    live = job is not None and job.is_live
    more = progress_context(request, job) if job is not None and (live or chosen is None) else {}
    return _shown(request, day, versions, chosen, **more)


@require_safe
def version(request: Any, pk: int) -> HttpResponse:
    """One version; `?with=` another one of the day says what is otherwise."""
    chosen = _found_version(request, pk)
    return _shown(request, chosen.day, _versions(request, chosen.day), chosen)


def _shown(
    request: Any, day: MentorDay, versions: list[Arrangement], chosen: Arrangement | None, **more: Any
) -> HttpResponse:
    context: dict[str, Any] = {"versions": versions, "chosen": chosen, "here": "timetable", **more}
    if chosen is not None:
        if chosen.get_deferred_fields():
            chosen = _found_version(request, chosen.pk)
            context["chosen"] = chosen
        board = board_of(request.user, chosen)
        other = _other(request, versions, chosen)
        context |= {
            "board": board,
            "unmet": list(unmet_of(chosen)),
            "other": other,
            "difference": difference(board, other) if other else None,
            "can_lock": day.state == DayState.ARRANGED and chosen.is_draft,
            "can_publish": _publishable(day, versions, chosen),
            "told": len(touched(chosen)) if chosen.changes else 0,
        }
    context["can_compute"] = day.is_open
    return page(request, "timetable.html", day, **context)


def _other(request: Any, versions: list[Arrangement], chosen: Arrangement) -> Arrangement | None:
    wanted = request.GET.get("with", "")
    return next((each for each in versions if str(each.number) == wanted and each.pk != chosen.pk), None)


def _publishable(day: MentorDay, versions: list[Arrangement], chosen: Arrangement) -> bool:
    if not chosen.is_draft:
        return False
    published = next((each.pk for each in versions if each.state == ArrangementState.PUBLISHED), None)
    if chosen.parent_id is None:
        return day.state == DayState.ARRANGED
    return day.state == DayState.PUBLISHED and chosen.parent_id == published


@require_POST
def compute(request: Any, pk: int) -> HttpResponse:
    day = found_day(request, pk)
    try:
        services.ask_for_timetable(day=day, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("mentordays_office:timetable", pk=day.pk)


def _found_version(request: Any, pk: int) -> Arrangement:
    versions = selectors.arrangements_for(request.user).select_related("day", "made_by")
    found: Arrangement = get_object_or_404(versions, pk=pk)
    return found


@require_POST
def lock(request: Any, pk: int) -> HttpResponse:
    """`lock` or `unlock` names the meeting."""
    chosen = _found_version(request, pk)
    locked = "lock" in request.POST
    wanted = request.POST.get("lock" if locked else "unlock", "")
    if not wanted.isdecimal():
        raise Http404
    meeting = get_object_or_404(
        selectors.meetings_for(request.user).filter(arrangement=chosen), pk=int(wanted)
    )
    attempt(
        request,
        lambda: services.set_lock(meeting=meeting, locked=locked, actor=request.user, now=timezone.now()),
        _("The meeting stays where it is when the timetable is computed anew.")
        if locked
        else _("The meeting may move again."),
    )
    return redirect("mentordays_office:version", pk=chosen.pk)


@require_POST
def publish(request: Any, pk: int) -> HttpResponse:
    chosen = _found_version(request, pk)
    attempt(
        request,
        lambda: services.publish(arrangement=chosen, actor=request.user, now=timezone.now()),
        _("The timetable is published. Those whom it concerns are told.")
        if chosen.parent_id is None
        else _("The repair holds. Those whom it touches are told."),
    )
    return redirect("mentordays_office:version", pk=chosen.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def repair(request: Any, pk: int) -> HttpResponse:
    """Who or what drops out. The answer is a draft that says what moves; nothing happens before it is confirmed."""
    day = found_day(request, pk)
    meetings = list(
        selectors.meetings_for(request.user)
        .filter(day=day, arrangement__state=ArrangementState.PUBLISHED)
        .held()
        .select_related("company", "adviser", "slot")
        .order_by("slot__number", "adviser__name")
    )
    form = _repair_form(request, day, meetings)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        chosen = set(values["meetings"])
        try:
            draft = services.prepare_repair(
                day=day,
                advisers=values["advisers"],
                companies=values["companies"],
                tables=values["tables"],
                meetings=[each for each in meetings if each.pk in chosen],
                slots=values["slots"] if values["when"] == form.SOME else None,
                note=values["note"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect("mentordays_office:version", pk=draft.pk)
    can_repair = day.state == DayState.PUBLISHED
    return page(request, "repair.html", day, here="repair", form=form, can_repair=can_repair)


def _repair_form(request: Any, day: MentorDay, meetings: list[Meeting]) -> RepairForm:
    slots = MentorSlot.objects.filter(day=day).order_by("number")
    advisers = selectors.advisers_for(request.user).filter(day=day)
    guests = selectors.companies_for(request.user).filter(day=day)
    choices = {
        "advisers": [
            (pk, name)
            for pk, name in advisers.order_by("adviser__name").values_list("adviser", "adviser__name")
        ],
        "companies": [
            (pk, name)
            for pk, name in guests.order_by("company__name").values_list("company", "company__name")
        ],
        "tables": list(Table.objects.filter(day=day).order_by("name").values_list("pk", "name")),
        "slots": [(slot.number, f"{slot.number} · {slot.label}") for slot in slots],
        "meetings": [
            (each.pk, f"{each.slot.label} · {each.company.name} · {each.adviser.name}") for each in meetings
        ],
    }
    return RepairForm(request.POST if request.method == "POST" else None, choices=choices)


@require_safe
def now(request: Any, pk: int) -> HttpResponse:
    """Who meets now and who is next, table by table; it asks again by itself."""
    day, moment = found_day(request, pk), timezone.now()
    chosen = (
        selectors.arrangements_for(request.user).filter(day=day, state=ArrangementState.PUBLISHED).first()
    )
    slots = list(MentorSlot.objects.filter(day=day).order_by("number"))
    board = who_is_next(chosen, slots, moment) if chosen else None
    return page(request, "now.html", day, here="now", board=board, moment=moment)


def _meetings(request: Any, day: MentorDay) -> list[Meeting]:
    """Of the published version, else of the newest."""
    chosen = shown_version(request.user, day, _versions(request, day))
    if chosen is None:
        return []
    found = selectors.meetings_for(request.user).filter(arrangement=chosen)
    return list(found.select_related("company", "adviser", "slot", "table").order_by("slot__number", "pk"))


def _parties(request: Any, day: MentorDay) -> list[sheets.Party]:
    advisers = selectors.advisers_for(request.user).filter(day=day).order_by("adviser__name")
    guests = selectors.companies_for(request.user).filter(day=day).order_by("company__name")
    return [
        *((Side.ADVISER, pk, name) for pk, name in advisers.values_list("adviser", "adviser__name")),
        *((Side.COMPANY, pk, name) for pk, name in guests.values_list("company", "company__name")),
    ]


@require_safe
def all_sheets(request: Any, pk: int) -> HttpResponse:
    """Everybody's sheet in one file, advisers first."""
    day = found_day(request, pk)
    content = sheets.paper(day, _parties(request, day), _meetings(request, day), now=timezone.now())
    return pdf_response(_("mentor-day-%(day)s") % {"day": day.day.isoformat()}, content)


@require_safe
def one_sheet(request: Any, pk: int, side: str, party: int) -> HttpResponse:
    day = found_day(request, pk)
    mine = [each for each in _parties(request, day) if each[:2] == (side, party)]
    if not mine:
        raise Http404
    content = sheets.paper(day, mine, _meetings(request, day), now=timezone.now())
    return pdf_response(_("mentor-day-%(day)s") % {"day": f"{day.day.isoformat()}-{party}"}, content)
