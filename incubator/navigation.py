"""Where a person can go from here: the menus of every place, and what all templates know of the camp."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incubator.accounts.acting import PUBLIC, roles_of
from incubator.accounts.enums import Kind
from incubator.common.models import CampSettings


@dataclass(frozen=True)
class Item:
    """One place of a menu. `short` is its label in the phone's bar of five, where `primary` places come first."""

    label: str
    url: str
    icon: str
    short: str = ""
    primary: bool = False
    current: bool = False


@dataclass(frozen=True)
class Entry:
    name: str
    label: Any
    icon: str
    short: Any = ""


_HOME = Entry("", _("At a glance"), "home", pgettext_lazy("short", "Home"))

MENUS: dict[str, list[Entry]] = {
    Kind.FOUNDER: [
        replace(_HOME, name="portal:home"),
        Entry("leases:home", _("Lease"), "lease", pgettext_lazy("short", "Lease")),
        Entry("compute:home", _("Compute credits"), "credit", pgettext_lazy("short", "Credits")),
        Entry("consulting:home", _("Consulting"), "session", pgettext_lazy("short", "Consulting")),
        Entry("mentordays:home", _("Mentor days"), "people"),
        Entry("programmes:home", _("Programmes"), "calendar"),
        Entry("matching:home", _("Investor matches"), "match"),
        Entry("demoday:home", _("Demo days"), "calendar"),
        Entry("dataroom:home", _("Data room"), "report"),
        Entry("outcomes:home", _("Outcome reports"), "report"),
        Entry("deadlines:home", _("Deadlines"), "calendar"),
        Entry("helpdesk:home", pgettext_lazy("helpdesk", "Requests"), "people"),
        Entry("portal:statement", _("Support received"), "statement"),
        Entry("papers:home", _("Papers"), "report"),
        Entry("companies:home", _("Company"), "company"),
    ],
    Kind.INVESTOR: [
        replace(_HOME, name="invest:home"),
        Entry("invest:companies", _("Companies"), "company", pgettext_lazy("short", "Companies")),
        Entry("invest:matches", _("Matches"), "match", pgettext_lazy("short", "Matches")),
        Entry("invest:portfolio", _("Portfolio"), "statement"),
        Entry("reading:home", _("Documents"), "report", pgettext_lazy("short", "Documents")),
        Entry("invest:schedule", _("Schedule"), "calendar", pgettext_lazy("short", "Schedule")),
        Entry("demoday_invest:home", _("Demo days"), "calendar"),
    ],
    Kind.ADVISER: [
        Entry("advise:home", _("My sessions"), "session", pgettext_lazy("short", "Sessions")),
        Entry("advise_mentordays:home", _("Mentor days"), "people", pgettext_lazy("short", "Mentor days")),
        Entry("teach:home", _("My programmes"), "calendar", pgettext_lazy("short", "Programmes")),
        Entry("advise:honorarium", _("My honorarium"), "statement", pgettext_lazy("short", "Honorarium")),
    ],
    Kind.REVIEWER: [Entry("review:home", _("My reviews"), "report", pgettext_lazy("short", "Reviews"))],
    Kind.STAFF: [
        Entry("admin:index", _("Camp office"), "home", pgettext_lazy("short", "Office")),
        Entry("admin:leases_space_plans", _("Floor plan"), "lease", pgettext_lazy("short", "Plan")),
        Entry("reporting:occupancy", _("Occupancy"), "report", pgettext_lazy("short", "Occupancy")),
        Entry("reporting:waived", _("Waived amounts"), "statement", pgettext_lazy("short", "Waived")),
    ],
}


def _menu(kind: str, path: str) -> list[Item]:
    """The places of a role. The one in which the reader is has the longest address that theirs begins with."""
    entries = [(entry, reverse(entry.name)) for entry in MENUS.get(kind, [])]
    here = max((url for _entry, url in entries if path.startswith(url)), key=len, default=None)
    return [
        Item(str(entry.label), url, entry.icon, str(entry.short), bool(entry.short), url == here)
        for entry, url in entries
    ]


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


def admin_favicon(request: HttpRequest) -> str:
    return static("favicon.svg")


# Sections of the managers' sidebar: (title, [(label, icon, url name)]). A link whose page does not exist is left out.
_ADMIN: list[tuple[Any, list[tuple[Any, str, str]]]] = [
    (
        _("Today"),
        [
            (_("What waits for a decision"), "inbox", "admin:index"),
            (_("Deadlines"), "timer", "deadlines_office:clocks"),
            (_("Requests of companies"), "support_agent", "admin:helpdesk_helprequest_changelist"),
            (_("Leases ending soon"), "event_upcoming", "admin:leases_lease_changelist?ends=60"),
        ],
    ),
    (
        _("Admission"),
        [
            (_("Calls for applications"), "campaign", "admin:intake_call_changelist"),
            (_("Applications"), "assignment", "admin:intake_application_changelist"),
            (_("Reviewers"), "rate_review", "admin:intake_reviewer_changelist"),
        ],
    ),
    (
        _("Residents"),
        [
            (_("Companies"), "domain", "admin:companies_company_changelist"),
            (_("Residencies"), "meeting_room", "admin:companies_residency_changelist"),
            (_("Alumni"), "school", "admin:companies_alumnirecord_changelist"),
            (_("Invitations"), "mail", "admin:accounts_invitation_changelist"),
            (_("People"), "group", "admin:accounts_user_changelist"),
        ],
    ),
    (
        _("Spaces and leases"),
        [
            (_("Leases"), "contract", "admin:leases_lease_changelist"),
            (_("Spaces"), "door_front", "admin:leases_space_changelist"),
            (_("Buildings"), "apartment", "admin:leases_building_changelist"),
            (_("Extension requests"), "update", "admin:leases_extensionrequest_changelist"),
            (_("Duties done"), "verified", "admin:deadlines_duty_changelist"),
            (_("Kinds of duties"), "checklist", "admin:deadlines_dutykind_changelist"),
            (_("Business registrations"), "store", "admin:deadlines_registrationcheck_changelist"),
            (_("Rules of the deadlines"), "rule", "admin:deadlines_clockrules_changelist"),
            (_("Early ends"), "event_busy", "admin:leases_earlyend_changelist"),
            (_("Stays after the end"), "hourglass", "admin:leases_holdover_changelist"),
            (_("Lease contracts"), "history_edu", "admin:leases_leasecontract_changelist"),
            (_("Contract templates"), "description", "admin:leases_contracttemplate_changelist"),
            (_("Rules for leases"), "rule", "admin:leases_leasepolicy_changelist"),
            (_("Floor plan"), "map", "admin:leases_space_plans"),
            (_("Blocked days"), "event_busy", "admin:leases_blockedperiod_changelist"),
            (_("Photographs"), "photo_library", "admin:leases_spacephoto_changelist"),
            (_("Occupancy"), "monitoring", "reporting:occupancy"),
            (_("Waived amounts"), "savings", "reporting:waived"),
            (_("Handovers"), "move_up", "admin:leases_handover_changelist"),
            (_("Checklist for handovers"), "checklist", "admin:leases_checklistitem_changelist"),
            (_("Papers"), "workspace_premium", "admin:papers_paper_changelist"),
        ],
    ),
    (
        _("Compute credits"),
        [
            (_("Requests for credits"), "inbox_customize", "admin:compute_grantrequest_changelist"),
            (_("Grants"), "redeem", "admin:compute_allocation_changelist"),
            (_("Claw-back notices"), "undo", "admin:compute_clawbacknotice_changelist"),
            (_("Rules for credits"), "rule", "admin:compute_grantpolicy_changelist"),
            (_("Held credits"), "lock_clock", "admin:compute_credithold_changelist"),
            (_("Accounts"), "account_balance", "admin:compute_creditaccount_changelist"),
            (_("Transfers"), "receipt_long", "admin:compute_transfer_changelist"),
            (_("Usage imports"), "upload_file", "admin:compute_usageimport_changelist"),
            (_("Usage records"), "monitoring", "admin:compute_usagerecord_changelist"),
            (_("Storage grants"), "hard_drive", "admin:compute_storagegrant_changelist"),
            (_("Storage levels"), "storage", "admin:compute_storagelevel_changelist"),
            (_("Usage alerts"), "notifications", "admin:compute_usagealert_changelist"),
            (_("Market prices"), "sell", "admin:compute_marketprice_changelist"),
            (_("Compute report"), "insights", "reporting:compute"),
            (_("Reconciliations"), "balance", "admin:compute_reconciliation_changelist"),
            (_("Limits on clusters"), "speed", "admin:compute_limitsync_changelist"),
        ],
    ),
    (
        _("Consulting"),
        [
            (_("Advisers"), "school", "admin:consulting_adviser_changelist"),
            (_("Slots"), "calendar_month", "admin:consulting_slot_changelist"),
            (_("Bookings"), "event_available", "admin:consulting_booking_changelist"),
            (_("Session reports"), "forum", "admin:consulting_sessionreport_changelist"),
            (_("Next steps"), "task_alt", "admin:consulting_nextstep_changelist"),
            (_("Waiting list"), "hourglass_top", "admin:consulting_waitingentry_changelist"),
            (_("Mentor days"), "groups", "admin:mentordays_mentorday_changelist"),
            (_("Weekly hours"), "schedule", "admin:consulting_availability_changelist"),
            (_("Programmes"), "co_present", "admin:programmes_programme_changelist"),
            (_("Sign-ups"), "group_add", "admin:programmes_signup_changelist"),
            (_("Consulting in numbers"), "insights", "reporting:consulting"),
            (_("Honoraria"), "payments", "honoraria:sheet"),
            (_("Honorarium rates"), "sell", "admin:consulting_honorariumrate_changelist"),
        ],
    ),
    (
        _("Investors"),
        [
            (_("Firms"), "account_balance_wallet", "admin:firms_firm_changelist"),
            (_("Matching runs"), "hub", "admin:matching_matchrun_changelist"),
            (_("Matches"), "join_inner", "admin:matching_match_changelist"),
            (_("Introductions"), "handshake", "admin:matching_introduction_changelist"),
            (_("Matching in numbers"), "insights", "reporting:matching"),
            (_("Calendar addresses of firms"), "calendar_month", "admin:invest_firmcalendar_changelist"),
            (_("Consents"), "verified_user", "admin:matching_disclosuregrant_changelist"),
            (_("Demo days"), "co_present", "admin:demoday_demoday_changelist"),
            (_("Demo day timetables"), "calendar_view_week", "admin:demoday_plan_changelist"),
            (_("Proposed changes"), "mark_email_unread", "admin:firms_mandateproposal_changelist"),
            (_("Technologies"), "sell", "admin:firms_tag_changelist"),
            (_("Words not on the list"), "spellcheck", "admin:firms_tag_words"),
            (_("Weights"), "tune", "admin:matching_weightset_changelist"),
            (_("Conflicts of interest"), "block", "admin:matching_conflict_changelist"),
            (_("Wishes of both sides"), "favorite", "admin:matching_preference_changelist"),
            (_("Who takes part"), "how_to_reg", "admin:matching_participation_changelist"),
            (_("Data rooms"), "folder_shared", "admin:dataroom_document_changelist"),
            (_("Accesses to documents"), "key", "admin:dataroom_documentaccess_changelist"),
            (_("Looks at documents"), "visibility", "admin:dataroom_pageview_changelist"),
        ],
    ),
    (
        _("Records"),
        [
            (_("Outcome reports"), "query_stats", "admin:outcomes_kpireport_changelist"),
            (_("Requests in numbers"), "speed", "reporting:helpdesk"),
            (_("Categories of requests"), "category", "admin:helpdesk_category_changelist"),
            (_("Reminders"), "notifications_active", "admin:deadlines_reminder_changelist"),
            (_("Mails"), "outbox", "admin:mailing_mail_changelist"),
            (_("Computations"), "memory", "admin:jobs_job_changelist"),
            (_("Access log"), "visibility", "admin:audit_accessevent_changelist"),
            (_("Camp settings"), "settings", "admin:common_campsettings_changelist"),
        ],
    ),
]


def admin_sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    sections = []
    for title, links in _ADMIN:
        items = []
        for label, icon, name in links:
            view, _question, query = name.partition("?")
            try:
                link = reverse(view) + (f"?{query}" if query else "")
                items.append({"title": str(label), "icon": icon, "link": link})
            except NoReverseMatch:
                continue
        if items:
            sections.append({"title": str(title), "separator": True, "items": items})
    return sections
