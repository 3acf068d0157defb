"""Notices of claw-backs, warnings of a grant's end, and extensions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from incubator.common.display import day, pfh
from incubator.common.templatetags.camp import pfh_unit
from tenants.compute import selectors, services
from tenants.compute.enums import NoticeState
from tenants.compute.models import ClawBackNotice, LotExtension, LotWarning

from .asking import CreditsReadOnlyAdmin
from .request_forms import DecisionForm, ExemptionDecisionForm

STATE_COLOURS = {
    NoticeState.OPEN: "info",
    NoticeState.EXEMPTION_ASKED: "warning",
    NoticeState.EXEMPTED: "success",
    NoticeState.CARRIED_OUT: "danger",
    NoticeState.CANCELLED: "default",
}


@admin.register(ClawBackNotice)
class ClawBackNoticeAdmin(CreditsReadOnlyAdmin):
    list_display = ["lot", "checked_on", "planned", "used", "proposed", "answer_by", "state_shown"]
    list_filter = ["state"]
    list_select_related = ["lot__company"]
    search_fields = ["company__name", "lot__programme"]
    ordering = ["-sent_at", "-pk"]
    actions_detail = ["decide_exemption", "carry_out", "cancel"]
    fields = readonly_fields = [
        "company",
        "lot",
        "checked_on",
        "planned",
        "used",
        "proposed",
        "taken",
        "announced_on",
        "answer_by",
        "state",
        "exemption_reason",
        "asked_by",
        "answer",
        "resolved_by",
        "resolution",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.requests.notices_for(request.user)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Only what can be done now."""
        notice = self.get_object(request, str(object_id))
        if notice is None or not notice.is_live:
            return []
        asked = notice.state == NoticeState.EXEMPTION_ASKED
        over = timezone.localdate() > notice.deadline
        possible = {"decide_exemption": asked, "carry_out": over and not asked, "cancel": True}
        return [
            each
            for each in super().get_actions_detail(request, object_id)
            if any(fits and each.action_name.endswith(name) for name, fits in possible.items())
        ]

    def _ask(
        self, request: HttpRequest, notice: ClawBackNotice, act: Any, form: Any = None, **words: Any
    ) -> HttpResponse:
        said = _(
            "%(planned)s PF·h were planned, %(used)s used; up to %(take)s PF·h are to be taken back."
        ) % {
            "planned": pfh(notice.planned_gflop),
            "used": pfh(notice.used_gflop),
            "take": pfh(notice.proposed_gflop),
        }
        asked = f" “{notice.exemption_reason}”" if notice.exemption_reason else ""
        return self.ask(
            request,
            form=form or DecisionForm(request.POST or None),
            explanation=f"{said}{asked}",
            back=self.address_of(notice),
            act=act,
            **words,
        )

    @action(
        description=gettext_lazy("Decide the exemption"),
        url_path="exemption",
        permissions=["manage"],
        icon="gavel",
    )
    def decide_exemption(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        notice = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            services.decide_exemption(notice=notice, actor=request.user, now=timezone.now(), **data)
            return _("The exemption is decided."), self.address_of(notice)

        return self._ask(
            request,
            notice,
            act,
            ExemptionDecisionForm(request.POST or None),
            title=_("Exemption: %(notice)s") % {"notice": notice},
            button=_("Decide the exemption"),
        )

    @action(description=gettext_lazy("Carry out"), url_path="carry-out", permissions=["manage"], icon="undo")
    def carry_out(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        notice = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            done = services.carry_out_notice(notice=notice, actor=request.user, now=timezone.now(), **data)
            said = (
                _("%(amount)s PF·h went back to the pool.") % {"amount": pfh(done.taken_gflop)}
                if done.state == NoticeState.CARRIED_OUT
                else _("The company has used enough since: nothing is taken back.")
            )
            return said, self.address_of(notice)

        return self._ask(
            request,
            notice,
            act,
            title=_("Carry out: %(notice)s") % {"notice": notice},
            button=_("Take back"),
        )

    @action(
        description=gettext_lazy("Cancel the notice"),
        url_path="cancel",
        permissions=["manage"],
        icon="close",
    )
    def cancel(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        notice = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            services.cancel_notice(notice=notice, actor=request.user, now=timezone.now(), **data)
            return _("The notice is cancelled."), self.address_of(notice)

        return self._ask(
            request,
            notice,
            act,
            title=_("Cancel: %(notice)s") % {"notice": notice},
            button=_("Cancel the notice"),
        )

    @display(description=gettext_lazy("compared until the day before"), ordering="checkpoint")
    def checked_on(self, obj: ClawBackNotice) -> str:
        return day(obj.checkpoint)

    @display(description=gettext_lazy("planned until then"), ordering="planned_gflop")
    def planned(self, obj: ClawBackNotice) -> SafeString:
        return pfh_unit(obj.planned_gflop)

    @display(description=gettext_lazy("used"), ordering="used_gflop")
    def used(self, obj: ClawBackNotice) -> SafeString:
        return pfh_unit(obj.used_gflop)

    @display(description=gettext_lazy("to be taken back"), ordering="proposed_gflop")
    def proposed(self, obj: ClawBackNotice) -> SafeString:
        return pfh_unit(obj.proposed_gflop)

    @display(description=gettext_lazy("taken back"))
    def taken(self, obj: ClawBackNotice) -> SafeString:
        return pfh_unit(obj.taken_gflop)

    @display(description=gettext_lazy("announced"), ordering="sent_at")
    def announced_on(self, obj: ClawBackNotice) -> str:
        return day(obj.sent_at)

    @display(description=gettext_lazy("last day to answer"), ordering="deadline")
    def answer_by(self, obj: ClawBackNotice) -> str:
        return day(obj.deadline)

    @display(description=gettext_lazy("state"), label=STATE_COLOURS, ordering="state")
    def state_shown(self, obj: ClawBackNotice) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


@admin.register(LotWarning)
class LotWarningAdmin(CreditsReadOnlyAdmin):
    list_display = ["lot", "kind", "end", "left", "made_at", "sent_at"]
    list_filter = ["kind"]
    list_select_related = ["lot__company"]
    search_fields = ["company__name", "lot__programme"]
    ordering = ["-made_at", "-pk"]
    fields = readonly_fields = ["lot", "kind", "end", "left", "made_at", "sent_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.requests.warnings_for(request.user)

    @display(description=gettext_lazy("the first day after the grant"), ordering="ends_on")
    def end(self, obj: LotWarning) -> str:
        return day(obj.ends_on)

    @display(description=gettext_lazy("left then"), ordering="left_gflop")
    def left(self, obj: LotWarning) -> SafeString:
        return pfh_unit(obj.left_gflop)


@admin.register(LotExtension)
class LotExtensionAdmin(CreditsReadOnlyAdmin):
    list_display = ["lot", "before", "after", "reason", "actor", "at"]
    list_select_related = ["lot__company", "actor"]
    search_fields = ["company__name", "lot__programme"]
    ordering = ["-at", "-pk"]
    fields = readonly_fields = ["lot", "before", "after", "reason", "actor", "at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.requests.extensions_for(request.user)

    @display(description=gettext_lazy("last day before"), ordering="from_day")
    def before(self, obj: LotExtension) -> str:
        return day(obj.from_day)

    @display(description=gettext_lazy("last day after"), ordering="to_day")
    def after(self, obj: LotExtension) -> str:
        return day(obj.to_day)
