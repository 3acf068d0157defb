"""What each clock says: its name, what to do about it, where, and who is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from incubator.common.display import pfh
from tenants.leases.models import Building, Space

from .enums import ClockKind, RegistrationStatus, Responsible

MEMBERS, OWNERS, CAMP = "members", "owner", "camp"


@dataclass(frozen=True)
class Clock:
    """One day of one company. `due` is the last day on which all is still well.

    `kind`, `object_id`, the company and `due` are its key. `details` are facts that its words are made of.
    """

    kind: str
    object_id: int
    company_id: int
    company: str
    due: date
    details: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)

    @property
    def key(self) -> tuple[str, int, int, date]:
        return self.kind, self.object_id, self.company_id, self.due

    @property
    def order(self) -> tuple[date, str, str, int]:
        return self.due, self.company, self.kind, self.object_id

    def days_left(self, today: date) -> int:
        """0 on the day itself, negative after it."""
        return (self.due - today).days

    @property
    def filter(self) -> str:
        """The kind as addresses name it: duties are told apart."""
        return f"{self.kind}-{self.object_id}" if self.kind == ClockKind.DUTY else self.kind

    @property
    def spec(self) -> "Spec":
        return SPECS[self.kind]

    @property
    def title(self) -> str:
        if self.kind == ClockKind.DUTY:
            return self.details["name_en"] if get_language() == "en" else self.details["name"]
        return str(ClockKind(self.kind).label)

    @property
    def label(self) -> str:
        """What exactly: the space, the period, the amount; empty where the title says it all."""
        return self.spec.label(self)

    @property
    def todo(self) -> str:
        return str(self.spec.todo(self))

    @property
    def responsible(self) -> str:
        return self.spec.responsible

    @property
    def responsible_label(self) -> str:
        return str(Responsible(self.spec.responsible).label)

    @property
    def office_url(self) -> str:
        return self.spec.office_url(self)

    @property
    def portal_url(self) -> str:
        return self.spec.portal_url(self)

    @property
    def audience(self) -> tuple[str, ...]:
        return (self.details["audience"],) if self.kind == ClockKind.DUTY else self.spec.audience

    @property
    def may_be_off(self) -> bool:
        return bool(self.details["may_be_off"]) if self.kind == ClockKind.DUTY else self.spec.may_be_off

    @property
    def off_key(self) -> tuple[str, int]:
        return self.kind, self.object_id if self.kind == ClockKind.DUTY else 0


@dataclass(frozen=True)
class Spec:
    """How clocks of one kind are said. Without `audience` nobody is reminded by us: the domain itself does it."""

    todo: Callable[[Clock], str | Promise]
    office_url: Callable[[Clock], str]
    portal_url: Callable[[Clock], str]
    responsible: str = Responsible.COMPANY
    audience: tuple[str, ...] = ()
    may_be_off: bool = False
    label: Callable[[Clock], str] = lambda clock: ""


def _place(clock: Clock) -> str:
    names = clock.details
    building = Building(name=names["building"], name_en=names["building_en"])
    return Space(building=building, code=names["code"], kind=names["kind"]).place


def _changelist(name: str, query: str = "") -> str:
    return reverse(f"admin:{name}_changelist") + query


def _change(name: str) -> Callable[[Clock], str]:
    return lambda clock: reverse(f"admin:{name}_change", args=[clock.object_id])


def _registration_todo(clock: Clock) -> Any:
    if clock.details["status"] not in ("", RegistrationStatus.ACTIVE):
        status = RegistrationStatus(clock.details["status"]).label
        return _("The registration is “%(status)s”: please settle what follows") % {"status": status}
    return _("Look up whether the company is in business")


def _duty_todo(clock: Clock) -> str:
    if clock.details["waiting"]:
        return _("Sent in, the camp office looks at it")
    return _("Send in the new evidence") if clock.details["had"] else _("Send in the evidence")


def _period_name(clock: Clock) -> str:
    return clock.details["name_en"] if get_language() == "en" else clock.details["name"]


SPECS: dict[str, Spec] = {
    ClockKind.LEASE_END: Spec(
        todo=lambda clock: (
            _("An extension is asked for; wait for the decision")
            if clock.details["asked"]
            else _("Ask for an extension in time, or prepare the handover")
        ),
        office_url=_change("leases_lease"),
        portal_url=lambda clock: reverse("leases:home"),
        audience=(MEMBERS,),
        label=_place,
    ),
    ClockKind.EXTENSION_ASK: Spec(
        todo=lambda clock: gettext_lazy("Ask for an extension if you want to stay"),
        office_url=_change("leases_lease"),
        portal_url=lambda clock: reverse("leases:extension", args=[clock.object_id]),
        audience=(OWNERS,),
        label=_place,
    ),
    ClockKind.EXTENSION_DECISION: Spec(
        todo=lambda clock: gettext_lazy("Decide the extension before the lease ends"),
        office_url=_change("leases_extensionrequest"),
        portal_url=lambda clock: reverse("leases:home"),
        responsible=Responsible.CAMP,
        audience=(CAMP,),
        label=_place,
    ),
    ClockKind.AGE_LIMIT: Spec(
        todo=lambda clock: gettext_lazy("Plan what follows: no new term after this day"),
        office_url=lambda clock: reverse("admin:companies_company_change", args=[clock.company_id]),
        portal_url=lambda clock: reverse("companies:home"),
        responsible=Responsible.CAMP,
        audience=(OWNERS, CAMP),
        may_be_off=True,
        label=lambda clock: _("%(years)s years since the founding") % {"years": clock.details["years"]},
    ),
    ClockKind.DUTY: Spec(
        todo=_duty_todo,
        office_url=lambda clock: _changelist(
            "deadlines_duty", f"?company__id__exact={clock.company_id}&kind__id__exact={clock.object_id}"
        ),
        portal_url=lambda clock: reverse("deadlines:duty", args=[clock.object_id]),
    ),
    ClockKind.REPORT: Spec(
        todo=lambda clock: gettext_lazy("Submit the outcome report"),
        office_url=lambda clock: _changelist("outcomes_kpireport", f"?period__id__exact={clock.object_id}"),
        portal_url=lambda clock: reverse("outcomes:report", args=[clock.object_id]),
        audience=(MEMBERS,),
        may_be_off=True,
        label=_period_name,
    ),
    ClockKind.REGISTRATION: Spec(
        todo=_registration_todo,
        office_url=lambda clock: (
            reverse("admin:deadlines_registrationcheck_add") + f"?company={clock.company_id}"
        ),
        portal_url=lambda clock: reverse("companies:home"),
        responsible=Responsible.CAMP,
        audience=(CAMP,),
        may_be_off=True,
    ),
    ClockKind.CREDITS: Spec(
        todo=lambda clock: gettext_lazy("Use the credits before their grant ends"),
        office_url=_change("compute_allocation"),
        portal_url=lambda clock: reverse("compute:home"),
        # Grants warn of their end themselves.
        label=lambda clock: (
            _("%(programme)s, %(amount)s PF·h left")
            % {
                "programme": clock.details["programme"],
                "amount": pfh(clock.details["gflop"]),
            }
        ),
    ),
}
