"""What the lists share."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminTextInputWidget,
)

from incubator.accounts.enums import StaffGroup
from tenants.consulting.models import REASON_LIMIT

WRITERS = (StaffGroup.CONSULTING,)


class TimeFilter(admin.SimpleListFilter):
    title = _("time")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("coming", _("to come")), ("past", _("past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        now = timezone.now()
        if self.value() == "coming":
            return queryset.filter(period__endswith__gt=now)
        return queryset.filter(period__endswith__lte=now) if self.value() == "past" else queryset


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The other side reads it in the e-mail about this."),
        max_length=REASON_LIMIT,
        widget=UnfoldAdminTextInputWidget,
    )
