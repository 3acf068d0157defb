from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSingleDateWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin, RoleTabularInline, ServiceModelAdmin, service_action
from incubator.common.display import period

from . import selectors, services
from .models import KpiDefinition, KpiReport, KpiValue, ReportingPeriod


@admin.register(KpiDefinition)
class KpiDefinitionAdmin(ServiceModelAdmin):
    write_groups = (StaffGroup.CONSULTING,)
    list_display = ("name", "name_en", "code", "unit", "position", "active")
    fields = ("code", "name", "name_en", "unit", "position", "active")

    def get_readonly_fields(self, request: HttpRequest, obj: KpiDefinition | None = None) -> Any:
        """Figures that were reported keep their meaning."""
        return ("code", "unit") if obj else ()


class PeriodForm(forms.ModelForm):
    first_day = forms.DateField(label=_("First day"), widget=UnfoldAdminSingleDateWidget)
    last_day = forms.DateField(label=_("Last day"), widget=UnfoldAdminSingleDateWidget)

    class Meta:
        model = ReportingPeriod
        fields = ("name", "name_en", "due_on")

    def _post_clean(self) -> None:
        """The service checks the period, which this form knows only in part."""


@admin.register(ReportingPeriod)
class ReportingPeriodAdmin(ServiceModelAdmin):
    write_groups = (StaffGroup.CONSULTING,)
    form = PeriodForm
    list_display = ("name", "shown_period", "due_on", "closed_at")
    actions = ("close",)

    def has_change_permission(self, request: HttpRequest, obj: ReportingPeriod | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: ReportingPeriod | None = None) -> Any:
        if obj:
            return ("name", "name_en", "shown_period", "due_on", "closed_at")
        return ("name", "name_en", "first_day", "last_day", "due_on")

    def get_readonly_fields(self, request: HttpRequest, obj: ReportingPeriod | None = None) -> Any:
        return self.get_fields(request, obj) if obj else ()

    @display(description=_("period"), ordering="period")
    def shown_period(self, each: ReportingPeriod) -> str:
        return str(period(each.period))

    def save_model(self, request: HttpRequest, obj: ReportingPeriod, form: Any, change: bool) -> None:
        values = {
            field: form.cleaned_data[field]
            for field in ("name", "name_en", "first_day", "last_day", "due_on")
        }
        opened = services.open_period(**values, actor=request.user, now=timezone.now())
        obj.__dict__.update(opened.__dict__)

    @action(description=_("Close the periods"))
    @service_action
    def close(self, request: HttpRequest, queryset: QuerySet[ReportingPeriod]) -> None:
        for each in queryset.order_by("pk"):
            services.close_period(period=each, actor=request.user, now=timezone.now())
        messages.success(request, _("The periods are closed; their reports cannot be changed any more."))


class KpiValueInline(RoleTabularInline):
    model = KpiValue
    may_add = False
    fields = ("definition", "value")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[KpiValue]:
        return super().get_queryset(request).select_related("definition")


@admin.register(KpiReport)
class KpiReportAdmin(ReadOnlyAdmin):
    """What companies reported; companies correct it themselves, by a new revision."""

    list_display = ("company", "period", "revision", "shown_state", "figures", "submitted_at")
    list_filter = ("period", "state")
    search_fields = ("company__name", "company__name_en")
    fields = ("company", "period", "revision", "state", "note", "submitted_at", "submitted_by")
    inlines = (KpiValueInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[KpiReport]:
        values = Prefetch("values", KpiValue.objects.select_related("definition"))
        return (
            selectors.reports_for(request.user)
            .select_related("company", "period", "submitted_by")
            .prefetch_related(values)
        )

    @display(description=_("state"), label={"draft": "info", "submitted": "success"})
    def shown_state(self, report: KpiReport) -> tuple[str, str]:
        return report.state, report.get_state_display()

    @display(description=_("figures"))
    def figures(self, report: KpiReport) -> str:
        return " · ".join(f"{value.definition} {value.value:,}" for value in report.values.all())
