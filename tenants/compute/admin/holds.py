from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from incubator.common.templatetags.camp import pfh_unit
from tenants.compute import selectors, services
from tenants.compute.models import CreditHold

from .asking import CreditsReadOnlyAdmin


@admin.register(CreditHold)
class CreditHoldAdmin(CreditsReadOnlyAdmin):
    list_display = ["company", "amount", "outcome_shown", "placed_at", "expires_at", "placed_by"]
    list_filter = ["outcome"]
    list_select_related = ["company", "placed_by"]
    search_fields = ["company__name", "reason"]
    actions_detail = ["release"]
    fields = [
        "company",
        "account",
        "amount",
        "reason",
        "outcome_shown",
        "placed_by",
        "placed_at",
        "expires_at",
        "resolved_at",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.credit_holds_for(request.user)

    @action(description=gettext_lazy("Release"), url_path="release", permissions=["manage"], icon="lock_open")
    def release(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        hold = self.found(request, object_id)

        def act(_data: dict[str, Any]) -> tuple[str, str]:
            services.release_hold(hold=hold, actor=request.user, now=timezone.now())
            return _("The credits are free again."), self.address_of(hold)

        return self.ask(
            request,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Release held credits"),
            explanation=_("They can be taken back and moved again at once."),
            button=_("Release"),
            back=self.address_of(hold),
            act=act,
        )

    @display(
        description=gettext_lazy("outcome"),
        label={"open": "info", "released": "success", "expired": "warning"},
        ordering="outcome",
    )
    def outcome_shown(self, obj: CreditHold) -> tuple[str, str]:
        return obj.outcome, obj.get_outcome_display()

    @display(description=gettext_lazy("held"), ordering="amount_gflop")
    def amount(self, obj: CreditHold) -> SafeString:
        return pfh_unit(obj.amount_gflop)
