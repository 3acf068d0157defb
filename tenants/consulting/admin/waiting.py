from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from incubator.common.admin import ReadOnlyAdmin
from tenants.consulting import selectors
from tenants.consulting.models import Availability, WaitingEntry


@admin.register(WaitingEntry)
class WaitingEntryAdmin(ReadOnlyAdmin):
    """Who waits for a time of which week, and since when. Freed times are offered by themselves."""

    list_display = ("company", "week", "adviser", "field", "language", "joined_at", "shown_state")
    list_filter = ("state", "field", "language")
    search_fields = ("company__name", "adviser__name")
    list_select_related = ("company", "adviser")
    ordering = ("joined_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitingEntry]:
        return selectors.waiting_for(request.user).select_related("company", "adviser", "person")

    @display(description=_("state"), label={"waiting": "info", "offered": "success"})
    def shown_state(self, entry: WaitingEntry) -> tuple[str, Any]:
        return entry.state, entry.get_state_display()


@admin.register(Availability)
class AvailabilityAdmin(ReadOnlyAdmin):
    """The weekly hours of all advisers, who keep them under their own pages."""

    list_display = ("adviser", "weekday", "starts", "ends", "minutes", "place", "room", "period")
    list_filter = ("weekday", "place", "on_holidays")
    search_fields = ("adviser__name",)
    list_select_related = ("adviser", "room")
    ordering = ("adviser__name", "weekday", "starts")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Availability]:
        return selectors.hours_for(request.user).select_related("adviser", "room")
