from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from incubator.common.display import number, period
from tenants.compute import services
from tenants.compute.cluster_commands import of_cluster
from tenants.compute.errors import NotReached
from tenants.compute.models import Cluster, Resource, ResourceRate

from .asking import CreditsAdmin
from .forms import RateForm
from .grants import copied
from .limits import would_change


@admin.register(Cluster)
class ClusterAdmin(CreditsAdmin):
    list_display = ["name", "description", "limits_enabled", "created_at"]
    fields = ["name", "description", "late_minutes", "limits_enabled"]
    actions_detail = ["write_limits"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Usage rows carry the name: another one would make another cluster of it.
        return ["name"] if obj else []

    @action(
        description=gettext_lazy("Write limits now"),
        url_path="write-limits",
        permissions=["manage"],
        icon="speed",
    )
    def write_limits(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        cluster = self.found(request, object_id)
        commands = of_cluster(cluster.name, settings.SLURM_COMMANDS)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            if commands is None:
                raise NotReached(cluster=cluster.name)
            sync = services.sync_slurm(
                cluster=cluster, commands=commands, actor=request.user, now=timezone.now()
            )
            if sync.failure:
                said = _("Not all limits could be written: %(failure)s") % {"failure": sync.failure}
            else:
                said = _("%(changed)s of %(accounts)s accounts got other limits.") % {
                    "changed": sync.changed,
                    "accounts": sync.accounts,
                }
            address = reverse(f"{self.admin_site.name}:compute_limitsync_change", args=[sync.pk])
            return said, address

        explanation = (
            would_change(cluster, commands, request.user)
            if request.method == "GET" and self._writes(request)
            else ""
        )
        return self.ask(
            request,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Write limits now"),
            explanation=explanation,
            button=_("Write these limits"),
            back=self.address_of(cluster),
            act=act,
        )


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
