"""Extension reviews: who asks to stay longer, and the decision."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import day
from incubator.common.verbs import OptionalReasonForm, verb_page
from tenants.leases import selectors, services
from tenants.leases.enums import ExtensionState
from tenants.leases.models import ExtensionRequest

STATE_COLOURS = {
    ExtensionState.OPEN: "info",
    ExtensionState.APPROVED: "success",
    ExtensionState.REFUSED: "danger",
    ExtensionState.WITHDRAWN: "default",
}


@admin.register(ExtensionRequest)
class ExtensionRequestAdmin(ReadOnlyAdmin):
    write_groups = (StaffGroup.LEASES,)
    list_display = ("company", "space", "ends_now", "asked_until", "shown_state", "asked_on")
    list_display_links = ("company",)
    list_filter = ("state",)
    search_fields = ("lease__company__name", "lease__company__name_en", "lease__space__code")
    fields = readonly_fields = (
        "company",
        "space",
        "ends_now",
        "asked_until",
        "reason",
        "asked_by",
        "asked_on",
        "state",
        "decided_by",
        "decision_reason",
    )
    actions_detail = ("approve", "refuse")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExtensionRequest]:
        return selectors.extension_requests_for(request.user).order_by("-asked_at", "-pk")

    @display(description=_("company"), ordering="lease__company__name")
    def company(self, asked: ExtensionRequest) -> str:
        return asked.lease.company.name

    @display(description=_("space"), ordering="lease__space__code")
    def space(self, asked: ExtensionRequest) -> str:
        return asked.lease.space.place

    @display(description=_("ends now on"), ordering=F("lease__period__endswith"))
    def ends_now(self, asked: ExtensionRequest) -> str:
        return day(asked.lease.last_day)

    @display(description=_("asks to stay until"), ordering="until")
    def asked_until(self, asked: ExtensionRequest) -> str:
        return day(asked.until)

    @display(description=_("state"), label=STATE_COLOURS, ordering="state")
    def shown_state(self, asked: ExtensionRequest) -> tuple[str, str]:
        return asked.state, asked.get_state_display()

    @display(description=_("asked"), ordering="asked_at")
    def asked_on(self, asked: ExtensionRequest) -> str:
        return day(asked.asked_at)

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        asked = self.get_object(request, object_id)
        return (
            super().get_actions_detail(request, object_id)
            if asked and asked.state == ExtensionState.OPEN
            else []
        )

    def _decision(
        self, request: HttpRequest, object_id: int, service: Callable[..., Any], **page: Any
    ) -> HttpResponse:
        asked = self.get_object(request, str(object_id))
        if asked is None:
            raise Http404
        facts = _("%(company)s, %(space)s: now until %(last)s, asks to stay until %(until)s.") % {
            "company": asked.lease.company,
            "space": asked.lease.space.place,
            "last": day(asked.lease.last_day),
            "until": day(asked.until),
        }
        return verb_page(
            self,
            request,
            obj=asked,
            form_class=OptionalReasonForm,
            explanation=f"{facts} “{asked.reason}”",
            perform=lambda values: service(request=asked, actor=request.user, now=timezone.now(), **values),
            **page,
        )

    @action(description=_("Approve"), url_path="approve", permissions=["decide"], icon="check")
    def approve(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._decision(
            request,
            object_id,
            services.approve_extension,
            title=_("Approve the extension"),
            button=_("Extend the lease"),
            done=_("The lease is extended."),
        )

    @action(description=_("Refuse"), url_path="refuse", permissions=["decide"], icon="close")
    def refuse(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._decision(
            request,
            object_id,
            services.refuse_extension,
            title=_("Refuse the extension"),
            button=_("Refuse the extension"),
            done=_("The request is refused."),
        )
