"""The plan of a floor, for founders to read and for managers to draw; and what a space looks like."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response

from . import selectors, services
from .floorplan import Box, draw
from .models import Floor
from .plan_forms import LayoutForm
from .selectors import plans
from .selectors import spaces as details

SPARE = 8  # cells beside and below the rooms, to drag them there


def _chosen(floors: list[Floor], floor_id: int | None) -> Floor:
    """The floor asked for, or the first one."""
    found = next((floor for floor in floors if floor_id is None or floor.pk == floor_id), None)
    if found is None:
        raise Http404
    return found


def _own_floor(request: HttpRequest) -> int | None:
    """Where the founder's own space is, None without one."""
    held = selectors.held_on(selectors.leases_for(request.user), timezone.localdate())
    return held.order_by("period").values_list("space__floor_id", flat=True).first()


def plan_page(
    request: HttpRequest,
    floor_id: int | None,
    *,
    address: str,
    room_address: str,
    back: str,
    back_label: str,
    names: bool = False,
    layout: str = "",
) -> HttpResponse:
    """The floor as a drawing and as a table. `address`, `room_address` and `layout` name the pages of a floor, of a space and
    of the drawing board; `names`: the table has columns for companies."""
    today, floors = timezone.localdate(), list(plans.floors_with_spaces(request.user))
    plan = plans.floor_plan(request.user, _chosen(floors, floor_id), today)
    pattern = reverse(room_address, args=[0])
    rooms = [place.room(pattern.replace("/0/", f"/{place.space.pk}/")) for place in plan.places]
    about = ". ".join(f"{entry.word}: {entry.count}" for entry in plan.legend)
    context = {
        "plan": plan,
        "floors": floors,
        "drawing": draw([room for room in rooms if room]),
        "heading": f"{plan.floor.building.display_name} {plan.floor.label}",
        "about": about,
        "today": today,
        "address": address,
        "room_address": room_address,
        "names": names,
        "layout": reverse(layout, args=[plan.floor.pk]) if layout else "",
        "back": back,
        "back_label": back_label,
    }
    return render(request, "tenants/leases/plan.html", context)


def layout_page(request: HttpRequest, floor_id: int, *, back: Callable[[Floor], str]) -> HttpResponse:
    """The same floor to be drawn: by number fields, and by mouse, finger or keyboard on top of them."""
    floor = get_object_or_404(selectors.floors_for(request.user), pk=floor_id)
    spaces = list(selectors.spaces_for(request.user).filter(floor=floor).order_by("code"))
    form = LayoutForm(spaces, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (moved := _drawn(request, floor, form)) is not None:
        text = ngettext("%(count)s room has a new place.", "%(count)s rooms have a new place.", moved)
        messages.success(request, text % {"count": moved})
        return redirect(back(floor))
    rooms = [
        plans.Place(space, timezone.localdate(), None, None, None, False, False).room("") for space in spaces
    ]
    placed = [room for room in rooms if room]
    right = max((room.box.right for room in placed), default=0)
    bottom = max((room.box.bottom for room in placed), default=0)
    context = {
        "drawing": draw(placed, least=Box(0, 0, right + SPARE, bottom + SPARE)),
        "heading": _("Move the rooms of %(floor)s") % {"floor": floor},
        "form": form,
        "back": back(floor),
    }
    return render(request, "tenants/leases/layout.html", context)


def _drawn(request: HttpRequest, floor: Floor, form: LayoutForm) -> int | None:
    """How many rooms moved; None when the form says why none did."""
    if request.POST.get("action") == "auto":
        return len(services.lay_out_floor(floor=floor, actor=request.user))
    if not form.is_valid():
        return None
    try:
        return len(services.place_spaces(floor=floor, boxes=form.boxes, actor=request.user))
    except DomainError as error:
        form.add_error(None, str(error))
        return None


@require_safe
def plan(request: HttpRequest, floor_id: int | None = None) -> HttpResponse:
    return plan_page(
        request,
        _own_floor(request) if floor_id is None else floor_id,
        address="leases:plan",
        room_address="leases:space",
        back=reverse("leases:home"),
        back_label=_("Lease"),
    )


@require_safe
def space(request: HttpRequest, space_id: int) -> HttpResponse:
    """What everyone in the camp may know of a room: how it is furnished, what it looks like, when nobody may have it."""
    found = get_object_or_404(selectors.spaces_for(request.user), pk=space_id)
    today = timezone.localdate()
    context = {
        "space": found,
        "photos": details.photos_for(request.user).filter(space=found),
        "blocked": [
            each
            for each in details.blocked_for(request.user)
            .filter(space=found, period__isempty=False)
            .order_by("period")
            if each.last_day is None or each.last_day >= today
        ],
        "mine": selectors.held_on(selectors.leases_for(request.user), today).filter(space=found).first(),
        "is_taken": found.pk in details.taken_on(today),
    }
    return render(request, "tenants/leases/space.html", context)


@require_safe
def photo(request: HttpRequest, photo_id: int) -> HttpResponseBase:
    found = get_object_or_404(details.photos_for(request.user), pk=photo_id)
    name = f"{found.space.code}-{found.position}.webp"
    return stored_response(found.file, name=name, content_type="image/webp", inline=True)
