from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from incubator.common.display import moment, pfh, terabytes, won_exact
from tenants.compute import services
from tenants.compute.enums import AlertSubject
from tenants.compute.models import MarketPrice, UsageAlert
from tenants.compute.selectors import alerts, market

from .asking import CreditsAdmin, CreditsReadOnlyAdmin
from .forms import day_field
from .grants import copied


class MarketPriceForm(forms.ModelForm):
    starts_on = day_field(gettext_lazy("From this day on"))

    class Meta:
        model = MarketPrice
        fields = ["resource", "krw_per_hour", "starts_on", "source"]
        widgets = {"krw_per_hour": UnfoldAdminIntegerFieldWidget()}


@admin.register(MarketPrice)
class MarketPriceAdmin(CreditsAdmin):
    """A new price takes over from the one before it; none is edited."""

    form = MarketPriceForm
    list_display = ["resource", "price", "starts_on", "source"]
    list_filter = ["resource"]
    list_select_related = ["resource"]
    shown = ["resource", "price", "starts_on", "source"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return market.market_prices_for(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.shown if obj else ["resource", "krw_per_hour", "starts_on", "source"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.shown if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        price = services.set_market_price(**data, actor=request.user, now=timezone.now())
        copied(obj, price)

    @display(description=gettext_lazy("won an hour of one unit"), ordering="krw_per_hour")
    def price(self, obj: MarketPrice) -> str:
        return won_exact(obj.krw_per_hour)


@admin.register(UsageAlert)
class UsageAlertAdmin(CreditsReadOnlyAdmin):
    list_display = ["created_at", "company", "subject", "threshold", "used_shown", "granted_shown", "mailed"]
    list_filter = ["subject", "threshold"]
    list_select_related = ["company"]
    search_fields = ["company__name"]
    fields = [*list_display, "run_out_first", "run_out_last"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return alerts.alerts_for(request.user)

    @display(description=gettext_lazy("used"))
    def used_shown(self, obj: UsageAlert) -> str:
        return _amount(obj, obj.used)

    @display(description=gettext_lazy("granted"))
    def granted_shown(self, obj: UsageAlert) -> str:
        return _amount(obj, obj.granted)

    @display(description=gettext_lazy("mailed"), ordering="mailed_at")
    def mailed(self, obj: UsageAlert) -> str:
        return moment(obj.mailed_at)


def _amount(alert: UsageAlert, amount: int) -> str:
    return terabytes(amount) if alert.subject == AlertSubject.STORAGE else f"{pfh(amount)} PF·h"
