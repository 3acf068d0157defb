from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from incubator.common.admin import ServiceModelAdmin
from incubator.common.display import period, won_exact
from incubator.common.forms import DayField, WonField
from tenants.consulting import rules, selectors, services
from tenants.consulting.models import HonorariumRate

from .parts import WRITERS


class RateForm(forms.ModelForm):
    amount_krw = WonField(label=_("Amount in won"), min_value=1, widget=UnfoldAdminTextInputWidget)
    first = DayField(label=_("From"), widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = HonorariumRate
        fields = ("adviser", "amount_krw", "unit", "kind", "source")

    def _post_clean(self) -> None:
        """The service checks the rate."""


@admin.register(HonorariumRate)
class HonorariumRateAdmin(ServiceModelAdmin):
    """What advisers are paid: seen and set by the managers of consulting and the director, and by nobody else."""

    write_groups = WRITERS
    form = RateForm
    list_display = ("adviser", "shown_amount", "unit", "kind", "shown_period", "source")
    list_filter = ("kind", "unit")
    list_select_related = ("adviser",)
    search_fields = ("adviser__name",)
    autocomplete_fields = ("adviser",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[HonorariumRate]:
        return selectors.rates_for(request.user).select_related("adviser")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return rules.may_see_honoraria(request.user)

    def has_view_permission(self, request: HttpRequest, obj: HonorariumRate | None = None) -> bool:
        return rules.may_see_honoraria(request.user)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        # Django looks for the row first, and would lead who may not see it back to the list.
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_fields(self, request: HttpRequest, obj: HonorariumRate | None = None) -> Any:
        values = ("amount_krw", "unit", "kind", "source")
        if obj is None:
            return ("adviser", "first", *values)
        return ("adviser", "shown_period", *values)

    def get_readonly_fields(self, request: HttpRequest, obj: HonorariumRate | None = None) -> Any:
        return ("adviser", "shown_period") if obj else ()

    def get_form(
        self, request: HttpRequest, obj: HonorariumRate | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None:
            form.base_fields.pop("first", None)
        return form

    @display(description=_("amount"), ordering="amount_krw")
    def shown_amount(self, rate: HonorariumRate) -> str:
        return won_exact(rate.amount_krw)

    @display(description=_("in force"), ordering="period")
    def shown_period(self, rate: HonorariumRate) -> str:
        return str(period(rate.period))

    def save_model(self, request: HttpRequest, obj: HonorariumRate, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in ("amount_krw", "unit", "kind", "source")}
        if change:
            kept = services.correct_rate(rate=obj, actor=request.user, **values)
        else:
            kept = services.set_rate(
                adviser=form.cleaned_data["adviser"],
                first=form.cleaned_data["first"],
                actor=request.user,
                **values,
            )
        obj.__dict__.update(kept.__dict__)
