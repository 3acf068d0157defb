"""The one queue of requests for credits: what each decision rests on, and the decision."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from incubator.common.display import day, month, percent, period, pfh
from incubator.common.periods import last_day
from incubator.common.templatetags.camp import pfh_unit
from tenants.compute import selectors, services
from tenants.compute.enums import OPEN_REQUEST_STATES, RequestState
from tenants.compute.models import GrantPolicy, GrantRequest
from tenants.compute.wording import resource_name

from .asking import CreditsAdmin, CreditsReadOnlyAdmin
from .grants import copied
from .request_forms import AgreeForm, DecisionForm, PolicyForm

STATE_COLOURS = {
    RequestState.ASKED: "info",
    RequestState.AGREED: "warning",
    RequestState.GRANTED: "success",
    RequestState.DECLINED: "danger",
    RequestState.WITHDRAWN: "default",
}


class WaitsFilter(admin.SimpleListFilter):
    title = gettext_lazy("decision")
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Waits for a decision")), ("done", _("Decided or withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "open":
            return queryset.filter(state__in=OPEN_REQUEST_STATES)
        return queryset.exclude(state__in=OPEN_REQUEST_STATES) if self.value() == "done" else queryset


@admin.register(GrantRequest)
class GrantRequestAdmin(CreditsReadOnlyAdmin):
    list_display = [
        "company",
        "project",
        "asked_on",
        "asked_amount",
        "given_so_far",
        "used_so_far",
        "idle_now",
        "left_in_pool",
        "share",
        "state_shown",
    ]
    list_display_links = ["company", "project"]
    list_filter = [WaitsFilter, "state"]
    search_fields = ["company__name", "project"]
    ordering = ["-asked_at", "-pk"]
    actions_detail = ["grant", "decline"]
    fields = readonly_fields = [
        "company",
        "project",
        "description",
        "reason",
        "asked_by",
        "asked_on",
        "asked_amount",
        "days",
        "only_for",
        "share",
        "given_so_far",
        "used_so_far",
        "idle_now",
        "left_in_pool",
        "asked_together",
        "plan_shown",
        "state",
        "terms",
        "first_person",
        "decided_by",
        "decided_on",
        "decision_reason",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        queue = selectors.requests.queue_for(request.user, timezone.localdate())
        return queue.select_related("company", "asked_by", "agreed_by", "decided_by")

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Read once a request: its page asks for it again for the actions."""
        known: dict[str, Any] = request.__dict__.setdefault("_credit_requests", {})
        if object_id not in known:
            known[object_id] = asked = super().get_object(request, object_id, from_field)
            if asked is not None:
                # A column knows no reader, and the plan beside the use is asked for by one.
                asked.reader = request.user
        return known[object_id]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        asked = self.get_object(request, str(object_id))
        return super().get_actions_detail(request, object_id) if asked and asked.is_open else []

    @action(description=gettext_lazy("Grant"), url_path="grant", permissions=["manage"], icon="check")
    def grant(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        asked = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            done = services.agree_to_request(
                request=asked,
                pool=data["pool"],
                amount_gflop=data["amount_gflop"],
                period=data["period"],
                programme=data["programme"],
                reason=data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
            said = (
                _("The credits are granted.")
                if done.state == RequestState.GRANTED
                else _("You have agreed. A grant of this size needs the agreement of another person.")
            )
            return said, self.address_of(asked)

        return self.ask(
            request,
            form=AgreeForm(request.POST or None, initial=_first_terms(asked)),
            title=_("Grant: %(request)s") % {"request": asked},
            explanation=_explanation(asked),
            button=_("Grant these credits"),
            back=self.address_of(asked),
            act=act,
        )

    @action(description=gettext_lazy("Decline"), url_path="decline", permissions=["manage"], icon="close")
    def decline(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        asked = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            services.decline_request(
                request=asked, reason=data["reason"], actor=request.user, now=timezone.now()
            )
            return _("The request is declined."), self.address_of(asked)

        return self.ask(
            request,
            form=DecisionForm(request.POST or None),
            title=_("Decline: %(request)s") % {"request": asked},
            explanation=_explanation(asked),
            button=_("Decline the request"),
            back=self.address_of(asked),
            act=act,
        )

    @display(description=gettext_lazy("asked"), ordering="asked_at")
    def asked_on(self, obj: GrantRequest) -> str:
        return day(obj.asked_at)

    @display(description=gettext_lazy("asked for"), ordering="amount_gflop")
    def asked_amount(self, obj: GrantRequest) -> SafeString:
        return pfh_unit(obj.amount_gflop)

    @display(description=gettext_lazy("granted so far"))
    def given_so_far(self, obj: Any) -> SafeString:
        return pfh_unit(obj.given)

    @display(description=gettext_lazy("used so far"))
    def used_so_far(self, obj: Any) -> SafeString:
        return pfh_unit(obj.spent)

    @display(description=gettext_lazy("idle now"))
    def idle_now(self, obj: Any) -> SafeString:
        return pfh_unit(obj.idle)

    @display(description=gettext_lazy("left in the pool"))
    def left_in_pool(self, obj: Any) -> str:
        """With what would be missing, were everything granted that is asked for."""
        if obj.room is None:
            return _("no pool holds this period")
        shown = f"{obj.pool_name}: {pfh(obj.room)} PF·h"
        if not obj.is_open or obj.rivals <= obj.room:
            return shown
        over = _("%(amount)s PF·h over-committed") % {"amount": pfh(obj.rivals - obj.room)}
        return f"{shown} ▲ {over}"

    @display(description=gettext_lazy("asked for by all open requests of this time"))
    def asked_together(self, obj: Any) -> SafeString:
        return pfh_unit(obj.rivals)

    @display(description=gettext_lazy("own share"), ordering="own_share_percent")
    def share(self, obj: GrantRequest) -> str:
        return percent(obj.own_share_percent)

    @display(description=gettext_lazy("period"), ordering="period")
    def days(self, obj: GrantRequest) -> str:
        return period(obj.period)

    @display(description=gettext_lazy("resources"))
    def only_for(self, obj: GrantRequest) -> str:
        return ", ".join(map(resource_name, obj.resources)) or _("all resources")

    @display(description=gettext_lazy("plan beside use, PF·h"))
    def plan_shown(self, obj: Any) -> SafeString:
        if not hasattr(obj, "months"):  # the page shows a column by asking for it several times
            obj.months = selectors.requests.plan_beside_use(obj.reader, obj, timezone.localdate())
        rows = format_html_join(
            "",
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
            ((month(each.month), pfh(each.planned), pfh(each.used)) for each in obj.months),
        )
        heads = (_("month"), _("planned"), _("used"))
        head = format_html_join("", '<th scope="col">{}</th>', ((each,) for each in heads))
        return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, rows)

    @display(description=gettext_lazy("terms"))
    def terms(self, obj: GrantRequest) -> str:
        if obj.granted_gflop is None:
            return "–"
        return f"{pfh(obj.granted_gflop)} PF·h · {period(obj.grant_period)} · {obj.programme}"

    @display(description=gettext_lazy("agreed first by"))
    def first_person(self, obj: GrantRequest) -> str:
        if obj.agreed_by is None:
            return "–"
        return f"{obj.agreed_by.name} · {day(obj.agreed_at)} · {obj.agreed_reason}"

    @display(description=gettext_lazy("decided"), ordering="decided_at")
    def decided_on(self, obj: GrantRequest) -> str:
        return day(obj.decided_at)

    @display(description=gettext_lazy("state"), label=STATE_COLOURS, ordering="state")
    def state_shown(self, obj: GrantRequest) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


def _first_terms(asked: Any) -> dict[str, Any]:
    """What was asked for, or what the first of two agreed to."""
    terms = asked.grant_period or asked.period
    return {
        "pool": asked.pool_id or asked.fitting_pool,
        "amount_gflop": asked.granted_gflop or asked.amount_gflop,
        "first_day": terms.lower,
        "last_day": last_day(terms),
        "programme": asked.programme or asked.project,
    }


def _explanation(asked: GrantRequest) -> str:
    said = _("%(amount)s PF·h are asked for, %(period)s. “%(reason)s”") % {
        "amount": pfh(asked.amount_gflop),
        "period": period(asked.period),
        "reason": asked.reason,
    }
    if asked.state != RequestState.AGREED or asked.agreed_by is None:
        return said
    agreed = _(
        "%(person)s has agreed to what stands below: “%(reason)s” Other terms need the other person anew."
    ) % {
        "person": asked.agreed_by.name,
        "reason": asked.agreed_reason,
    }
    return f"{said} {agreed}"


@admin.register(GrantPolicy)
class GrantPolicyAdmin(CreditsAdmin):
    """Rules are added with the day from which they hold, never edited; the director alone does it."""

    write_groups = ()
    form = PolicyForm
    list_display = ["starts_day", "threshold", "warned", "reviewed", "reason", "set_by"]
    list_select_related = ["set_by"]
    ordering = ["-starts_on", "-pk"]
    numbers = [
        "early_warning_days",
        "late_warning_days",
        "settle_days",
        "review_months",
        "least_used_percent",
        "take_percent",
        "notice_days",
        "automatic",
        "reason",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.requests.policies_for(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj:
            return ["starts_day", "threshold", *self.numbers, "set_by", "set_at"]
        return ["starts_on", "two_person_above_gflop", *self.numbers]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The rules in force: who changes one number need not type the others."""
        today = timezone.localdate()
        current = selectors.requests.policy_on(today)
        kept = {name: getattr(current, name) for name in self.numbers if name != "reason"}
        return {
            **kept,
            "starts_on": today,
            "two_person_above_gflop": current.two_person_above_gflop,
        }

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        policy = services.set_policy(**form.cleaned_data, actor=request.user, now=timezone.now())
        copied(obj, policy)

    @display(description=gettext_lazy("from this day on"), ordering="starts_on")
    def starts_day(self, obj: GrantPolicy) -> str:
        return day(obj.starts_on)

    @display(description=gettext_lazy("two people agree above"), ordering="two_person_above_gflop")
    def threshold(self, obj: GrantPolicy) -> SafeString:
        return pfh_unit(obj.two_person_above_gflop)

    @display(description=gettext_lazy("warnings, days before the end"))
    def warned(self, obj: GrantPolicy) -> str:
        return f"{obj.early_warning_days} · {obj.late_warning_days}"

    @display(description=gettext_lazy("claw-back"))
    def reviewed(self, obj: GrantPolicy) -> str:
        words = _("every %(months)s months, below %(least)s: %(take)s, after %(days)s days")
        return words % {
            "months": obj.review_months,
            "least": percent(obj.least_used_percent),
            "take": percent(obj.take_percent),
            "days": obj.notice_days,
        }
