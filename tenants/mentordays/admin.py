"""Mentor days: planned here; everything else of a day is on pages of its own."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ServiceModelAdmin
from incubator.common.display import day as shown_day

from . import selectors, services
from .enums import DayState
from .models import MentorDay

_COLOURS = {
    DayState.DRAFT: "default",
    DayState.RANKING: "info",
    DayState.ARRANGED: "info",
    DayState.PUBLISHED: "success",
    DayState.OVER: "default",
    DayState.CALLED_OFF: "danger",
}


@admin.register(MentorDay)
class MentorDayAdmin(ServiceModelAdmin):
    write_groups = (StaffGroup.CONSULTING,)
    list_display = ("shown_title", "shown_day", "shown_state", "advisers", "companies")
    list_display_links = None
    list_filter = ("state",)
    search_fields = ("title", "title_en")
    actions_detail = ("open_day",)
    fieldsets = (
        (None, {"fields": (("title", "title_en"), ("day", "place"))}),
        (
            _("Slots"),
            {"fields": (("starts", "minutes", "slot_count"), ("breaks", "break_minutes"), "in_a_row")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[MentorDay]:
        return selectors.days_for(request.user).annotate(
            count_advisers=Count("invited_advisers", distinct=True),
            count_companies=Count("invited_companies", distinct=True),
        )

    @display(description=_("title"), ordering="title")
    def shown_title(self, day: MentorDay) -> str:
        return format_html(
            '<a href="{}" class="underline">{}</a>',
            reverse("mentordays_office:day", args=[day.pk]),
            day.display_title,
        )

    @display(description=_("day"), ordering="day")
    def shown_day(self, day: MentorDay) -> str:
        return str(shown_day(day.day))

    @display(description=_("state"), label=_COLOURS)
    def shown_state(self, day: MentorDay) -> tuple[str, str]:
        return day.state, day.get_state_display()

    @display(description=_("advisers"))
    def advisers(self, day: Any) -> int:
        return int(day.count_advisers)

    @display(description=_("companies"))
    def companies(self, day: Any) -> int:
        return int(day.count_companies)

    def save_model(self, request: HttpRequest, obj: MentorDay, form: Any, change: bool) -> None:
        services.plan_day(day=obj, actor=request.user, now=timezone.now())

    def response_add(
        self, request: HttpRequest, obj: MentorDay, post_url_continue: Any = None
    ) -> HttpResponse:
        super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(reverse("mentordays_office:day", args=[obj.pk]))

    @action(description=_("Who takes part, wishes, timetable"), url_path="open", permissions=["view"])
    def open_day(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("mentordays_office:day", args=[object_id]))
