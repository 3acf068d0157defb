"""The handover of a company's space: its founders see how far it is, tick what is theirs and add photographs."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response

from . import services
from .handover_forms import TickForm
from .selectors import handovers as selectors


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method == "POST":
        item = act_on_item(request, now)
        return redirect(f"{request.path}#item-{item}" if item else request.path)
    found = selectors.shown_to_founder(request.user)
    context = {"handovers": found, "current": next((each for each in found if each.is_open), None)}
    return render(request, "tenants/leases/handover.html", {**context, "today": timezone.localdate(now)})


def act_on_item(request: HttpRequest, now: datetime) -> int | None:
    """Tick the item of the form, or keep its photograph; what became of it is told by a message. Gives the item's id."""
    number = request.POST.get("item", "")
    items = selectors.handover_items_for(request.user)
    item = get_object_or_404(
        items, pk=int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0
    )
    try:
        if "picture" in request.FILES:
            services.add_picture(item=item, file=request.FILES["picture"], actor=request.user, now=now)
            messages.success(request, _("The photograph is kept."))
        elif request.POST.get("do") == "picture":
            messages.error(request, _("Please choose a photograph first."))
        else:
            form = TickForm(request.POST)
            if not form.is_valid():
                messages.error(request, _("A note may have at most 400 letters."))
                return item.pk
            services.check_item(item=item, **form.cleaned_data, actor=request.user, now=now)
            messages.success(request, _("“%(item)s” is saved.") % {"item": item.shown})
    except DomainError as error:
        messages.error(request, str(error))
    return item.pk


@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    return picture_of(request, pk)


def picture_of(request: Any, pk: int) -> HttpResponseBase:
    found = get_object_or_404(selectors.handover_pictures_for(request.user), pk=pk)
    return stored_response(
        found.file, name=f"handover-{found.pk}.webp", content_type="image/webp", inline=True
    )
