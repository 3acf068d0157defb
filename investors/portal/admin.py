"""The managers' calendar addresses of firms: investors write nothing, so the office makes and closes them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import moment
from incubator.common.verbs import NoForm, verb_page
from investors.firms import selectors as firms

from . import meetings, selectors
from .models import FirmCalendar


def _firm_form(user: Any) -> type[forms.Form]:
    class FirmChoice(forms.Form):
        firm = forms.ModelChoiceField(
            firms.firms_for(user).order_by("name"), label=_("Firm"), widget=UnfoldAdminSelectWidget
        )

    return FirmChoice


@admin.register(FirmCalendar)
class FirmCalendarAdmin(ReadOnlyAdmin):
    write_groups = (StaffGroup.MATCHING,)
    list_display = ("firm", "made", "made_by", "closed")
    search_fields = ("firm__name",)
    fields = readonly_fields = ("firm", "made", "made_by", "closed")
    actions_list = ("renew",)
    actions_detail = ("close",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FirmCalendar]:
        return selectors.calendars_for(request.user).defer("token_hash").order_by("firm__name")

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    @display(description=_("made"), ordering="made_at")
    def made(self, calendar: FirmCalendar) -> str:
        return moment(calendar.made_at)

    @display(description=_("closed"), ordering="revoked_at")
    def closed(self, calendar: FirmCalendar) -> str:
        return moment(calendar.revoked_at)

    @action(description=_("Make a new address"), url_path="renew", permissions=["verb"], icon="add_link")
    def renew(self, request: HttpRequest) -> HttpResponse:
        def perform(values: Any) -> None:
            token = meetings.renew_calendar(firm=values["firm"], actor=request.user, now=timezone.now())
            messages.warning(request, request.build_absolute_uri(reverse("firm_feed", args=[token])))

        return verb_page(
            self,
            request,
            form_class=_firm_form(request.user),
            title=_("Make a calendar address for a firm"),
            explanation=_(
                "The address is shown once, for you to hand over. One that the firm had before is dead at once."
            ),
            button=_("Make the address"),
            done=_("The address above is the firm's. Copy it now: it is not shown again."),
            perform=perform,
        )

    @action(description=_("Close the address"), url_path="close", permissions=["verb"], icon="link_off")
    def close(self, request: HttpRequest, object_id: int) -> HttpResponse:
        calendar = get_object_or_404(selectors.calendars_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=calendar,
            form_class=NoForm,
            title=_("Close the calendar address of %(firm)s") % {"firm": calendar.firm},
            explanation=_("Calendars that use it get nothing any more."),
            button=_("Close the address"),
            done=_("The address is closed."),
            perform=lambda values: meetings.close_calendar(
                calendar=calendar, actor=request.user, now=timezone.now()
            ),
        )
