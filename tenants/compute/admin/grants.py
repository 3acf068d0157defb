from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from incubator.common.display import day, period, pfh
from incubator.common.templatetags.camp import pfh_unit
from tenants.compute import selectors, services
from tenants.compute.enums import AllocationState
from tenants.compute.models import Allocation, Pool
from tenants.compute.wording import resource_name

from .asking import CreditsAdmin
from .forms import ClawBackForm, GrantForm, HoldForm, PoolForm, SettleForm
from .request_forms import ExtendForm, MoveForm


def copied(target: Any, made: Any) -> None:
    """Let the admin's own object be what the service made, so that it finds its way to the page after."""
    target.__dict__.update(made.__dict__)


@admin.register(Pool)
class PoolAdmin(CreditsAdmin):
    form = PoolForm
    list_display = ["name", "days", "capacity", "granted", "left"]
    list_select_related = ["account"]
    ordering = ["-period"]
    fields = ["name", "days", "capacity", "granted", "left"]
    readonly_fields = ["name", "days", "capacity", "granted", "left"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.fields if obj else ["name", "first_day", "last_day", "capacity_gflop", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.readonly_fields if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        pool = services.make_pool(
            name=data["name"],
            period=data["period"],
            capacity_gflop=data["capacity_gflop"],
            reason=data["reason"],
            actor=request.user,
            now=timezone.now(),
        )
        copied(obj, pool)

    @display(description=gettext_lazy("period"), ordering="period")
    def days(self, obj: Pool) -> str:
        return period(obj.period)

    @display(description=gettext_lazy("capacity"), ordering="capacity_gflop")
    def capacity(self, obj: Pool) -> SafeString:
        return pfh_unit(obj.capacity_gflop)

    @display(description=gettext_lazy("granted"))
    def granted(self, obj: Pool) -> SafeString:
        return pfh_unit(obj.capacity_gflop - obj.account.balance_gflop)

    @display(description=gettext_lazy("remaining"), ordering="account__balance_gflop")
    def left(self, obj: Pool) -> SafeString:
        return pfh_unit(obj.account.balance_gflop)


@admin.register(Allocation)
class AllocationAdmin(CreditsAdmin):
    form = GrantForm
    list_display = ["company", "programme", "pool", "days", "amount", "left", "state_shown"]
    list_filter = ["state", "pool"]
    list_select_related = ["company", "pool", "account"]
    search_fields = ["company__name", "programme"]
    autocomplete_fields = ["company"]
    actions_detail = ["move", "extend", "claw_back", "hold", "settle"]
    shown = [
        "company",
        "pool",
        "programme",
        "days",
        "amount",
        "taken_back",
        "moved",
        "left",
        "only_for",
        "own_share_percent",
        "state",
        "reason",
        "granted_by",
        "granted_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.grants_for(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj:
            return self.shown
        asked = ["company", "pool", "programme", "amount_gflop", "first_day", "last_day"]
        return [*asked, "resources", "own_share_percent", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.shown if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        lot = services.grant_credits(
            company=data["company"],
            pool=data["pool"],
            programme=data["programme"],
            amount_gflop=data["amount_gflop"],
            period=data["period"],
            resources=data["resources"],
            own_share_percent=data["own_share_percent"],
            reason=data["reason"],
            actor=request.user,
            now=timezone.now(),
        )
        copied(obj, lot)

    @action(
        description=gettext_lazy("Move to another grant"),
        url_path="move",
        permissions=["manage"],
        icon="swap_horiz",
    )
    def move(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        lot = self.found(request, object_id)
        targets = selectors.grants_for(request.user).filter(
            company_id=lot.company_id,
            state=AllocationState.ACTIVE,
            period__endswith__gt=timezone.localdate(),
        )

        def act(data: dict[str, Any]) -> tuple[str, str]:
            transfer = services.move_credits(
                source=lot,
                target=data["target"],
                amount_gflop=data["amount_gflop"],
                reason=data["reason"],
                key=data["key"],
                actor=request.user,
                now=timezone.now(),
            )
            said = _("%(amount)s PF·h were moved.") % {"amount": pfh(transfer.amount_gflop)}
            return said, self.address_of(lot)

        return self.ask(
            request,
            form=MoveForm(
                request.POST or None,
                targets=targets.exclude(pk=lot.pk).select_related("account", "pool__account"),
                initial={"key": uuid4().hex},
            ),
            title=_("Move credits: %(grant)s") % {"grant": lot},
            explanation=_(
                "%(left)s PF·h of this grant are unused. They pay for what the other grant pays for."
            )
            % {"left": pfh(lot.account.balance_gflop)},
            button=_("Move"),
            back=self.address_of(lot),
            act=act,
        )

    @action(
        description=gettext_lazy("Extend the period"),
        url_path="extend",
        permissions=["manage"],
        icon="event_repeat",
    )
    def extend(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        lot = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            services.extend_lot(allocation=lot, actor=request.user, now=timezone.now(), **data)
            said = _("The grant now lasts until %(day)s.") % {"day": day(data["last_day"])}
            return said, self.address_of(lot)

        return self.ask(
            request,
            form=ExtendForm(request.POST or None),
            title=_("Extend the period: %(grant)s") % {"grant": lot},
            explanation=_("The grant lasts %(period)s, its pool %(pool)s.")
            % {"period": period(lot.period), "pool": period(lot.pool.period)},
            button=_("Extend"),
            back=self.address_of(lot),
            act=act,
        )

    @action(
        description=gettext_lazy("Take back unused credits"),
        url_path="claw-back",
        permissions=["manage"],
        icon="undo",
    )
    def claw_back(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        lot = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            transfer = services.claw_back(
                allocation=lot,
                amount_gflop=data["amount_gflop"],
                reason=data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
            said = _("%(amount)s PF·h went back to the pool.") % {"amount": pfh(transfer.amount_gflop)}
            return said, self.address_of(lot)

        return self.ask(
            request,
            form=ClawBackForm(request.POST or None),
            title=_("Take back unused credits: %(grant)s") % {"grant": lot},
            explanation=_(
                "%(left)s PF·h of this grant are unused. What is taken back returns to its pool at once."
            )
            % {"left": pfh(lot.account.balance_gflop)},
            button=_("Take back"),
            back=self.address_of(lot),
            act=act,
        )

    @action(
        description=gettext_lazy("Keep credits aside"),
        url_path="hold",
        permissions=["manage"],
        icon="lock_clock",
    )
    def hold(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        lot = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            now = timezone.now()
            placed = services.place_hold(
                allocation=lot,
                amount_gflop=data["amount_gflop"],
                until=now + timedelta(days=data["days"]),
                reason=data["reason"],
                actor=request.user,
                now=now,
            )
            return _("%(amount)s PF·h are held.") % {"amount": pfh(placed.amount_gflop)}, self.address_of(lot)

        return self.ask(
            request,
            form=HoldForm(request.POST or None),
            title=_("Keep credits aside: %(grant)s") % {"grant": lot},
            explanation=_(
                "Nobody takes back or moves what is held. Jobs that run are paid for all the same: what has happened is"
                " always recorded."
            ),
            button=_("Hold"),
            back=self.address_of(lot),
            act=act,
        )

    @action(
        description=gettext_lazy("Settle a debt"), url_path="settle", permissions=["manage"], icon="handshake"
    )
    def settle(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        lot = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            transfer = services.settle_debt(
                allocation=lot,
                amount_gflop=data["amount_gflop"],
                reason=data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
            said = _("%(amount)s PF·h of the debt were settled.") % {"amount": pfh(transfer.amount_gflop)}
            return said, self.address_of(lot)

        return self.ask(
            request,
            form=SettleForm(request.POST or None),
            title=_("Settle a debt: %(grant)s") % {"grant": lot},
            explanation=_("What the company used beyond its earlier grants is paid out of this one."),
            button=_("Settle"),
            back=self.address_of(lot),
            act=act,
        )

    @display(description=gettext_lazy("period"), ordering="period")
    def days(self, obj: Allocation) -> str:
        return period(obj.period)

    @display(description=gettext_lazy("granted"), ordering="amount_gflop")
    def amount(self, obj: Allocation) -> SafeString:
        return pfh_unit(obj.amount_gflop)

    @display(description=gettext_lazy("taken back"))
    def taken_back(self, obj: Allocation) -> SafeString:
        return pfh_unit(obj.taken_back_gflop)

    @display(description=gettext_lazy("moved from other grants"))
    def moved(self, obj: Allocation) -> SafeString:
        return pfh_unit(obj.moved_gflop)

    @display(description=gettext_lazy("remaining"), ordering="account__balance_gflop")
    def left(self, obj: Allocation) -> SafeString:
        return pfh_unit(obj.account.balance_gflop)

    @display(description=gettext_lazy("resources"))
    def only_for(self, obj: Allocation) -> str:
        return ", ".join(map(resource_name, obj.resources)) or _("all resources")

    @display(description=gettext_lazy("state"), label={AllocationState.ACTIVE: "info"}, ordering="state")
    def state_shown(self, obj: Allocation) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
