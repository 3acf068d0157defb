"""Where a person can go from here: the menus of every place, and what all templates know of the camp."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy

from incubator.accounts.acting import PUBLIC, roles_of
from incubator.accounts.enums import Kind
from incubator.common.models import CampSettings


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    icon: str
    primary: bool = False
    current: bool = False


# (url name, label, icon, in the phone's bar of five)
MENUS: dict[str, list[tuple[str, Any, str, bool]]] = {
    Kind.FOUNDER: [
        ("portal:home", gettext_lazy("At a glance"), "home", True),
        ("leases:home", gettext_lazy("Lease"), "lease", True),
        ("compute:home", gettext_lazy("Compute credits"), "credit", True),
        ("consulting:home", gettext_lazy("Consulting"), "session", True),
        ("matching:home", gettext_lazy("Investor matches"), "match", False),
        ("outcomes:home", gettext_lazy("Outcome reports"), "report", False),
        ("portal:statement", gettext_lazy("Support received"), "statement", False),
        ("companies:home", gettext_lazy("Company"), "company", True),
    ],
    Kind.INVESTOR: [
        ("invest:home", gettext_lazy("At a glance"), "home", True),
        ("invest:companies", gettext_lazy("Companies"), "company", True),
        ("invest:matches", gettext_lazy("Matches"), "match", True),
        ("invest:schedule", gettext_lazy("Schedule"), "calendar", True),
    ],
    Kind.ADVISER: [("advise:home", gettext_lazy("My sessions"), "session", True)],
    Kind.STAFF: [("admin:index", gettext_lazy("Camp office"), "home", True)],
}


def _menu(kind: str, path: str) -> list[Item]:
    found = []
    for name, label, icon, primary in MENUS.get(kind, []):
        url = reverse(name)
        current = path == url if name.endswith(":home") and url.count("/") == 2 else path.startswith(url)
        found.append(Item(str(label), url, icon, primary, current))
    return found


@dataclass(frozen=True)
class Switch:
    value: str
    label: str
    current: bool


def camp(request: HttpRequest) -> dict[str, Any]:
    """`camp`, `acting`, `navigation` and `switchable` for every template. Costs no query beyond the person's grants."""
    acting = getattr(request, "acting", PUBLIC)
    user = getattr(request, "user", None)
    roles = roles_of(user) if user is not None else []
    switchable = [
        Switch(
            role.value,
            f"{role.label} · {role.role_label}" if role.kind != Kind.STAFF else role.label,
            role.value == acting.value,
        )
        for role in roles
    ]
    return {
        "camp": CampSettings.current(),
        "acting": acting,
        "navigation": _menu(acting.kind, request.path),
        "switchable": switchable,
    }


def admin_stylesheet(request: HttpRequest) -> str:
    return static("css/admin.css")


# Sections of the managers' sidebar: (title, [(label, icon, url name)]). A link whose page does not exist is left out.
_ADMIN: list[tuple[Any, list[tuple[Any, str, str]]]] = [
    (
        gettext_lazy("Today"),
        [
            (gettext_lazy("What waits for a decision"), "inbox", "admin:index"),
            (gettext_lazy("Leases ending soon"), "event_upcoming", "admin:leases_lease_changelist"),
        ],
    ),
    (
        gettext_lazy("Residents"),
        [
            (gettext_lazy("Companies"), "domain", "admin:companies_company_changelist"),
            (gettext_lazy("Residencies"), "meeting_room", "admin:companies_residency_changelist"),
            (gettext_lazy("Invitations"), "mail", "admin:accounts_invitation_changelist"),
            (gettext_lazy("People"), "group", "admin:accounts_user_changelist"),
        ],
    ),
    (
        gettext_lazy("Spaces and leases"),
        [
            (gettext_lazy("Leases"), "contract", "admin:leases_lease_changelist"),
            (gettext_lazy("Spaces"), "door_front", "admin:leases_space_changelist"),
            (gettext_lazy("Buildings"), "apartment", "admin:leases_building_changelist"),
            (gettext_lazy("Extension requests"), "update", "admin:leases_extensionrequest_changelist"),
        ],
    ),
    (
        gettext_lazy("Compute credits"),
        [
            (gettext_lazy("Grants"), "redeem", "admin:compute_allocation_changelist"),
            (gettext_lazy("Accounts"), "account_balance", "admin:compute_creditaccount_changelist"),
            (gettext_lazy("Transfers"), "receipt_long", "admin:compute_transfer_changelist"),
            (gettext_lazy("Usage imports"), "upload_file", "admin:compute_usageimport_changelist"),
            (gettext_lazy("Usage records"), "monitoring", "admin:compute_usagerecord_changelist"),
        ],
    ),
    (
        gettext_lazy("Consulting"),
        [
            (gettext_lazy("Advisers"), "school", "admin:consulting_adviser_changelist"),
            (gettext_lazy("Slots"), "calendar_month", "admin:consulting_slot_changelist"),
            (gettext_lazy("Bookings"), "event_available", "admin:consulting_booking_changelist"),
        ],
    ),
    (
        gettext_lazy("Investors"),
        [
            (gettext_lazy("Firms"), "account_balance_wallet", "admin:firms_firm_changelist"),
            (gettext_lazy("Matching runs"), "hub", "admin:matching_matchrun_changelist"),
            (gettext_lazy("Matches"), "join_inner", "admin:matching_match_changelist"),
            (gettext_lazy("Introductions"), "handshake", "admin:matching_introduction_changelist"),
        ],
    ),
    (
        gettext_lazy("Records"),
        [
            (gettext_lazy("Outcome reports"), "query_stats", "admin:outcomes_kpireport_changelist"),
            (gettext_lazy("Access log"), "visibility", "admin:audit_accessevent_changelist"),
            (gettext_lazy("Camp settings"), "settings", "admin:common_campsettings_changelist"),
        ],
    ),
]


def admin_sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    sections = []
    for title, links in _ADMIN:
        items = []
        for label, icon, name in links:
            try:
                items.append({"title": str(label), "icon": icon, "link": reverse(name)})
            except NoReverseMatch:
                continue
        if items:
            sections.append({"title": str(title), "separator": True, "items": items})
    return sections
