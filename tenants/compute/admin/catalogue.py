from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from incubator.common.display import number, period
from tenants.compute import services
from tenants.compute.models import Cluster, Resource, ResourceRate

from .asking import CreditsAdmin
from .forms import RateForm
from .grants import copied


@admin.register(Cluster)
class ClusterAdmin(CreditsAdmin):
    list_display = ["name", "description", "created_at"]
    fields = ["name", "description", "late_minutes"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Usage rows carry the name: another one would make another cluster of it.
        return ["name"] if obj else []


@admin.register(Resource)
class ResourceAdmin(CreditsAdmin):
    list_display = ["code", "name", "unit"]
    search_fields = ["code", "name"]
    fields = ["code", "name", "unit"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(ResourceRate)
class ResourceRateAdmin(CreditsAdmin):
    """A new rate ends the one before it; none is edited."""

    form = RateForm
    list_display = ["resource", "rate", "days", "source"]
    list_filter = ["resource"]
    list_select_related = ["resource"]
    shown = ["resource", "rate", "days", "source"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.shown if obj else ["resource", "gflops", "starts_on", "source"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.shown if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        rate = services.set_rate(
            resource=data["resource"],
            gflops=data["gflops"],
            starts_on=data["starts_on"],
            source=data["source"],
            actor=request.user,
            now=timezone.now(),
        )
        copied(obj, rate)

    @display(description=gettext_lazy("GFLOP a second of one unit"), ordering="gflops")
    def rate(self, obj: ResourceRate) -> str:
        return number(obj.gflops)

    @display(description=gettext_lazy("in force"), ordering="period")
    def days(self, obj: ResourceRate) -> str:
        return period(obj.period)
