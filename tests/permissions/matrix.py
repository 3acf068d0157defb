"""The permission matrix as data: for every URL of the resolver, who gets what.

A row names a URL pattern, its arguments in the world of `world.py` (the marked side's objects) and the status of a GET for
each persona. A pattern that no row names fails the suite; so does a row whose pattern is gone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from investors.matching.links import make_link
from tenants.consulting.times import Wanted, times_for

from .personas import ADVISERS, FOUNDERS, INVESTORS, PERSONAS, REVIEWERS, STAFF
from .world import World

Args = Callable[[World], Mapping[str, Any]]
COMPANY = ("member", "owner")
FIRM = ("investor",)
SIGN_IN = 302


def no_args(world: World) -> Mapping[str, Any]:
    return {}


def pk(thing: str) -> Args:
    return lambda world: {"pk": world.mine.things[thing].pk}


def named(argument: str, thing: str) -> Args:
    return lambda world: {argument: world.mine.things[thing].pk}


@dataclass(frozen=True)
class Row:
    name: str
    status: dict[str, int]
    args: Args = field(default=no_args)


def everyone(status: int = 200, **more: int) -> dict[str, int]:
    return {**dict.fromkeys(PERSONAS, status), **more}


def only(
    *who: str, status: int = 200, anonymous: int = SIGN_IN, others: int = 404, **more: int
) -> dict[str, int]:
    """`who` get `status`; for anyone else it does not exist, and who is signed out is asked to sign in."""
    return {**dict.fromkeys(PERSONAS, others), "anonymous": anonymous, **dict.fromkeys(who, status), **more}


def signed_in(status: int = 200, **more: int) -> dict[str, int]:
    return {**everyone(status), "anonymous": SIGN_IN, **more}


def api(*who: str, others: int = 404, status: int = 200) -> dict[str, int]:
    """Reviewers have no machines: for the API they are nobody."""
    return {**only(*who, status=status, anonymous=401, others=others), **dict.fromkeys(REVIEWERS, 403)}


FORM_ONLY = 405  # the URL takes POST alone

PUBLIC_ROWS = [
    Row("front", everyone()),
    Row("start", signed_in(302)),
    Row("switch_role", signed_in(FORM_ONLY)),
    Row("invitation", everyone(410), lambda world: {"token": "unknown"}),
    Row("outbox", everyone(404)),  # a local machine only
    Row("set_contrast", everyone(FORM_ONLY)),
    Row("set_language", everyone(FORM_ONLY)),
    Row("healthz", everyone()),
    Row("readyz", everyone()),
    Row("schema", everyone()),
    Row("api-docs", everyone()),
    Row("calendar_feed", everyone(404), lambda world: {"token": "unknown" * 6}),
]

# Whether a paper is genuine
PUBLIC_ROWS += [
    Row("verify:home", everyone()),
    Row("verify:code", everyone(), lambda world: {"code": world.mine.things["paper"].code_shown}),
]

ACCOUNT_ROWS = [
    Row("account_login", signed_in(302, anonymous=200)),
    Row("account_logout", everyone(200, anonymous=302)),
    Row("account_inactive", everyone()),
    Row("account_signup", everyone(302, anonymous=200)),
    Row("account_reauthenticate", signed_in()),
    Row("account_change_password", signed_in()),
    Row("account_set_password", signed_in(302)),
    Row("account_reset_password", everyone()),
    Row("account_reset_password_done", everyone()),
    Row("account_reset_password_from_key", everyone(), lambda world: {"uidb36": "1", "key": "unknown"}),
    Row("account_reset_password_from_key_done", everyone()),
    Row("mfa_index", signed_in()),
    Row("mfa_authenticate", everyone(302)),
    Row("mfa_reauthenticate", signed_in(302)),
    Row("mfa_activate_totp", signed_in(302)),
    Row("mfa_deactivate_totp", signed_in(404)),
    Row("mfa_view_recovery_codes", signed_in(404)),
    Row("mfa_generate_recovery_codes", signed_in(302)),
    Row("mfa_download_recovery_codes", signed_in(404)),
]


def _free_time(world: World) -> Mapping[str, Any]:
    """The first time of the marked side's adviser that is computed from weekly hours."""
    wanted = Wanted(adviser=world.mine.adviser.pk)
    times = times_for(None, now=timezone.now(), wanted=wanted)
    return {"key": next(time.key for time in times.found if time.slot_id is None)}


def _this_month(world: World) -> Mapping[str, Any]:
    return {"month": f"{timezone.localdate():%Y-%m}"}


FOUNDER_ROWS = [
    *(
        Row(name, only(*FOUNDERS))
        for name in (
            "portal:home",
            "portal:statement",
            "companies:home",
            "companies:edit",
            "leases:home",
            "compute:home",
            "compute:jobs",
            "compute:usage",
            "compute:storage",
            "compute:statements",
            "compute:requests",
            "compute:request_new",
            "compute:rules",
            "consulting:home",
            "consulting:sessions",
            "matching:home",
            "outcomes:home",
        )
    ),
    Row("compute:statement", only(*FOUNDERS), _this_month),
    Row("compute:statement_file", only(*FOUNDERS), lambda world: {**_this_month(world), "kind": "json"}),
    Row("companies:picture", only(others=404)),  # nobody has one yet
    Row("companies:visibility", only(*FOUNDERS, status=FORM_ONLY)),
    Row("companies:invite", only(*FOUNDERS, status=FORM_ONLY)),
    Row("companies:revoke_invitation", only(*FOUNDERS, status=FORM_ONLY), pk("invitation")),
    Row("companies:remove_member", only(*FOUNDERS, status=FORM_ONLY), pk("membership")),
    Row("leases:extension", only(*COMPANY), named("lease_id", "lease")),
    Row("leases:withdraw", only(*FOUNDERS, status=FORM_ONLY), named("request_id", "extension")),
    Row("compute:request", only(*COMPANY), pk("credit_request")),
    Row("compute:request_withdraw", only(*FOUNDERS, status=FORM_ONLY), pk("credit_request")),
    Row("compute:notice", only(*COMPANY), pk("notice")),
    Row("consulting:book", only(*FOUNDERS), pk("free_slot")),
    Row("consulting:booking", only(*COMPANY), pk("booking")),
    Row("consulting:cancel", only(*FOUNDERS, status=FORM_ONLY), pk("booking")),
    # Booking from weekly hours, waiting, moving, calendars.
    Row("consulting:book_time", only(*FOUNDERS), _free_time),
    Row("consulting:move", only(*COMPANY), pk("booking")),
    Row("consulting:propose", only(*FOUNDERS, status=FORM_ONLY), pk("booking")),
    Row("consulting:answer", only(*FOUNDERS, status=FORM_ONLY), pk("proposal")),
    Row("consulting:file", only(*COMPANY), pk("booking_file")),
    Row("consulting:wait", only(*FOUNDERS, status=FORM_ONLY)),
    Row("consulting:leave", only(*FOUNDERS, status=FORM_ONLY), pk("waiting")),
    Row("consulting:offer", only(*COMPANY), pk("offer")),
    Row("consulting:pass_offer", only(*FOUNDERS, status=FORM_ONLY), pk("offer")),
    Row("consulting:calendar", only(*FOUNDERS)),
    Row("matching:answer", only(*FOUNDERS, status=FORM_ONLY), pk("asked")),
    Row("matching:withdraw", only(*FOUNDERS, status=FORM_ONLY), pk("disclosure")),
    Row("outcomes:report", only(*FOUNDERS), lambda world: {"pk": world.period.pk}),
]

# Papers
FOUNDER_ROWS += [
    Row("papers:home", only(*FOUNDERS)),
    Row("papers:file", only(*COMPANY), pk("paper")),
    Row("portal:residency_paper", only(*FOUNDERS)),
    Row("portal:support_paper", only(*FOUNDERS)),
    # Handovers
    Row("leases:handover", only(*FOUNDERS)),
    Row("leases:handover_picture", only(*COMPANY), pk("handover_picture")),
]

# Contracts, and ends before their time
FOUNDER_ROWS += [
    Row("leases:contract", only(*FOUNDERS)),
    Row("leases:contract_of", only(*COMPANY), named("contract_id", "contract")),
    Row("leases:contract_pdf", only(*COMPANY), named("contract_id", "contract")),
    Row("leases:leave", only(*COMPANY), named("lease_id", "lease")),
    Row("leases:withdraw_leave", only(*FOUNDERS, status=FORM_ONLY), named("ending_id", "early_end")),
]

ADVISER_ROWS = [
    Row("advise:home", only(*ADVISERS)),
    Row("advise:open", only(*ADVISERS)),
    Row("advise:slot", only("adviser"), pk("free_slot")),
    Row("advise:booking", only("adviser"), pk("booking")),
    Row("advise:attendance", only(*ADVISERS, status=FORM_ONLY), pk("held")),
    Row("advise:cancel", only(*ADVISERS, status=FORM_ONLY), pk("booking")),
    Row("advise:approve", only(*ADVISERS, status=FORM_ONLY), pk("booking")),
    Row("advise:decline", only(*ADVISERS, status=FORM_ONLY), pk("booking")),
    Row("advise:move", only("adviser"), pk("booking")),
    Row("advise:propose", only(*ADVISERS, status=FORM_ONLY), pk("booking")),
    Row("advise:answer", only(*ADVISERS, status=FORM_ONLY), pk("proposal")),
    Row("advise:file", only("adviser"), pk("booking_file")),
    Row("advise:hours", only(*ADVISERS)),
    Row("advise:end_hours", only(*ADVISERS, status=FORM_ONLY), pk("hours")),
    Row("advise:terms", only(*ADVISERS)),
    Row("advise:away", only(*ADVISERS)),
    Row("advise:extra", only(*ADVISERS)),
    Row("advise:remove_exception", only(*ADVISERS, status=FORM_ONLY), pk("away")),
    Row("advise:calendar", only(*ADVISERS)),
    Row("advise:external", only(*ADVISERS)),
]

INVESTOR_ROWS = [
    Row("invest:home", only(*INVESTORS)),
    Row("invest:companies", only(*INVESTORS)),
    Row("invest:company", only(*INVESTORS), lambda world: {"slug": world.mine.company.slug}),
    Row("invest:picture", only(others=404), lambda world: {"slug": world.mine.company.slug}),
    Row("invest:matches", only(*INVESTORS)),
    Row("invest:schedule", only(*INVESTORS)),
]

_ALL = tuple(name for name in PERSONAS if name not in ("anonymous", *REVIEWERS))
API_ROWS = [
    Row("api:api-root", api(*_ALL)),
    *(
        Row(f"api:{name}-list", api(*_ALL))
        for name in (
            "company",
            "space",
            "lease",
            "outcome-report",
            "adviser",
            "slot",
            "booking",
            "credit-account",
            "transfer",
            "grant",
            "grant-request",
            "usage-import",
            "usage-record",
            "credit-hold",
            "credit-statement",
            "storage-grant",
            "storage-level",
            "usage-alert",
            "firm",
            "match",
            "introduction",
        )
    ),
    Row("api:company-detail", api(*COMPANY, *STAFF, *INVESTORS), lambda world: {"pk": world.mine.company.pk}),
    Row("api:space-detail", api(*FOUNDERS, *STAFF), pk("space")),
    Row("api:lease-detail", api(*COMPANY, *STAFF), pk("lease")),
    Row("api:lease-extension", api(*_ALL, status=FORM_ONLY), pk("lease")),
    Row("api:outcome-report-detail", api(*COMPANY, *STAFF), pk("report")),
    Row("api:adviser-detail", api(*FOUNDERS, *STAFF, "adviser"), lambda world: {"pk": world.mine.adviser.pk}),
    Row("api:slot-detail", api(*FOUNDERS, *STAFF, "adviser"), pk("free_slot")),
    Row("api:booking-detail", api(*COMPANY, *STAFF, "adviser"), pk("booking")),
    Row("api:booking-cancel", api(*_ALL, status=FORM_ONLY), pk("booking")),
    Row("api:booking-move", api(*_ALL, status=FORM_ONLY), pk("booking")),
    Row("api:slot-free", api(*_ALL)),
    Row(
        "api:credit-account-detail",
        api(*COMPANY, *STAFF),
        lambda world: {"pk": world.mine.things["grant"].account_id},
    ),
    Row("api:transfer-detail", api(*COMPANY, *STAFF), pk("transfer")),
    Row("api:grant-detail", api(*COMPANY, *STAFF), pk("grant")),
    Row("api:grant-request-detail", api(*COMPANY, *STAFF), pk("credit_request")),
    Row("api:grant-request-withdraw", api(*_ALL, status=FORM_ONLY), pk("credit_request")),
    Row("api:usage-import-detail", api(*STAFF), pk("import")),
    Row("api:usage-record-detail", api(*COMPANY, *STAFF), pk("record")),
    Row("api:credit-hold-detail", api(*COMPANY, *STAFF), pk("hold")),
    Row(
        "api:credit-statement-detail",
        api(*FOUNDERS),
        lambda world: {"month": f"{timezone.localdate():%Y-%m}"},
    ),
    Row("api:storage-grant-detail", api(*COMPANY, *STAFF), pk("storage_grant")),
    Row("api:storage-level-detail", api(*COMPANY, *STAFF), pk("storage_level")),
    Row("api:usage-alert-detail", api(*COMPANY, *STAFF), pk("alert")),
    Row("api:firm-detail", api(*STAFF, "investor"), lambda world: {"pk": world.mine.firm.pk}),
    Row("api:match-detail", api(*COMPANY, *STAFF, "investor"), pk("match")),
    Row("api:introduction-detail", api(*COMPANY, *STAFF), pk("asked")),
    Row("api:introduction-answer", api(*_ALL, status=FORM_ONLY), pk("asked")),
]

# Contracts, and ends before their time
API_ROWS += [
    Row(f"api:lease-{name}", api(*_ALL, status=FORM_ONLY), pk("lease"))
    for name in ("sign", "countersign", "early-end")
]

# Which staff groups write which records; all staff read all of them. The director writes everything, the auditor nothing.
WRITERS: dict[str, tuple[str, ...]] = {
    "accounts_apitoken": (),
    "accounts_invitation": ("leases", "credits", "consulting", "matching"),
    "accounts_user": (),
    "audit_accessevent": (),
    "common_campsettings": (),
    "companies_company": ("leases",),
    "companies_residency": ("leases",),
    "compute_allocation": ("credits",),
    "compute_clawbacknotice": ("credits",),
    "compute_cluster": ("credits",),
    "compute_creditaccount": ("credits",),
    "compute_credithold": ("credits",),
    "compute_marketprice": ("credits",),
    "compute_limitsync": ("credits",),
    "compute_grantpolicy": (),
    "compute_grantrequest": ("credits",),
    "compute_lotextension": ("credits",),
    "compute_lotwarning": ("credits",),
    "compute_pool": ("credits",),
    "compute_reconciliation": ("credits",),
    "compute_resource": ("credits",),
    "compute_resourcerate": ("credits",),
    "compute_storagegrant": ("credits",),
    "compute_storagelevel": ("credits",),
    "compute_transfer": ("credits",),
    "compute_usagealert": ("credits",),
    "compute_usageimport": ("credits",),
    "compute_usagerecord": ("credits",),
    "consulting_adviser": ("consulting",),
    "consulting_availability": (),
    "consulting_waitingentry": (),
    "consulting_booking": ("consulting",),
    "consulting_meetingroom": ("consulting",),
    "consulting_slot": ("consulting",),
    "firms_firm": ("matching",),
    "leases_building": ("leases",),
    "leases_extensionrequest": ("leases",),
    "leases_lease": ("leases",),
    "leases_rate": ("leases",),
    "leases_space": ("leases",),
    "matching_disclosuregrant": ("matching",),
    "matching_introduction": ("matching",),
    "matching_match": ("matching",),
    "matching_matchrun": ("matching",),
    "outcomes_kpidefinition": ("consulting",),
    "papers_paper": ("leases",),
    "companies_alumnirecord": ("leases",),
    "leases_checklistitem": ("leases",),
    "leases_handover": ("leases",),
    "outcomes_kpireport": (),
    "outcomes_reportingperiod": ("consulting",),
}
# Records that nobody adds by hand: they come from imports, services or runs.
NEVER_ADDED = {
    "accounts_user",
    "audit_accessevent",
    "common_campsettings",
    "consulting_availability",
    "consulting_waitingentry",
    "compute_clawbacknotice",
    "compute_creditaccount",
    "compute_credithold",
    "compute_storagelevel",
    "compute_limitsync",
    "compute_reconciliation",
    "compute_grantrequest",
    "compute_lotextension",
    "compute_lotwarning",
    "compute_transfer",
    "compute_usagealert",
    "compute_usageimport",
    "compute_usagerecord",
    "leases_extensionrequest",
    "matching_disclosuregrant",
    "matching_introduction",
    "matching_match",
    "matching_matchrun",
    "outcomes_kpireport",
    "papers_paper",
    "companies_alumnirecord",
    "leases_handover",
}

# Records that the rest of the office does not read either: what people are paid.
READ_BY_WRITERS = {"consulting_honorariumrate"}

# Pages of one step on one record, or of an upload: for those who write these records only.
STEPS: dict[str, tuple[tuple[str, ...], Args]] = {
    "companies_company_load_sheet": (("leases",), no_args),
    "companies_company_invite_person": (("leases",), lambda world: {"object_id": world.mine.company.pk}),
    "leases_handover_open_one": (("leases",), no_args),
    "papers_paper_revoke": (("leases",), named("object_id", "paper")),
    "papers_paper_issue_residency": (("leases",), no_args),
    "papers_paper_issue_support": (("leases",), no_args),
    "companies_residency_certify": (("leases",), named("object_id", "residency")),
    "companies_residency_move_in": (("leases",), named("object_id", "residency")),
    "companies_residency_graduate": (("leases",), named("object_id", "residency")),
    "companies_residency_leave": (("leases",), named("object_id", "residency")),
    "compute_allocation_claw_back": (("credits",), named("object_id", "grant")),
    "compute_cluster_write_limits": (
        ("credits",),
        lambda world: {"object_id": world.mine.things["import"].cluster_id},
    ),
    "compute_allocation_hold": (("credits",), named("object_id", "grant")),
    "compute_allocation_settle": (("credits",), named("object_id", "grant")),
    "compute_credithold_release": (("credits",), named("object_id", "hold")),
    "compute_allocation_extend": (("credits",), named("object_id", "grant")),
    "compute_allocation_move": (("credits",), named("object_id", "grant")),
    **{
        f"compute_clawbacknotice_{step}": (("credits",), named("object_id", "notice"))
        for step in ("decide_exemption", "carry_out", "cancel")
    },
    "compute_grantrequest_decline": (("credits",), named("object_id", "credit_request")),
    "compute_grantrequest_grant": (("credits",), named("object_id", "credit_request")),
    "compute_creditaccount_assign": (("credits",), named("object_id", "suspense")),
    "compute_storagegrant_end_early": (("credits",), named("object_id", "compute_storagegrant")),
    "compute_storagelevel_upload": (("credits",), no_args),
    "compute_reconciliation_explain": (("credits",), named("object_id", "reconciliation")),
    "compute_reconciliation_upload": (("credits",), no_args),
    "compute_transfer_reverse": (("credits",), named("object_id", "transfer")),
    "compute_usageimport_upload": (("credits",), no_args),
    "consulting_adviser_load_sheet": (("consulting",), no_args),
    "consulting_booking_record": (("consulting",), named("object_id", "held")),
    "consulting_booking_cancel": (("consulting",), named("object_id", "booking")),
    "consulting_slot_withdraw": (("consulting",), named("object_id", "free_slot")),
    "firms_firm_load_sheet": (("matching",), no_args),
    "firms_firm_invite_person": (("matching",), lambda world: {"object_id": world.mine.firm.pk}),
    "matching_disclosuregrant_withdraw": (("matching",), named("object_id", "disclosure")),
    "matching_introduction_call_off": (("matching",), named("object_id", "asked")),
    "matching_introduction_record": (("matching",), named("object_id", "asked")),
    "matching_match_dismiss": (("matching",), named("object_id", "free_match")),
    "matching_match_introduce": (("matching",), named("object_id", "free_match")),
    "matching_matchrun_publish": (("matching",), lambda world: {"object_id": world.draft.pk}),
    "matching_matchrun_run": (("matching",), no_args),
    "leases_extensionrequest_approve": (("leases",), named("object_id", "extension")),
    "leases_extensionrequest_refuse": (("leases",), named("object_id", "extension")),
    "leases_lease_load_sheet": (("leases",), no_args),
    "leases_space_load_sheet": (("leases",), no_args),
    **{
        f"leases_lease_{step}": (("leases",), named("object_id", "lease"))
        for step in ("offer", "sign", "activate", "end", "move", "terminate")
    },
}


# Contracts, rules, and ends before their time
WRITERS |= {
    "leases_contracttemplate": ("leases",),
    "leases_earlyend": ("leases",),
    "leases_holdover": ("leases",),
    "leases_leasecontract": ("leases",),
    "leases_leasepolicy": (),
}
NEVER_ADDED |= {"leases_earlyend", "leases_holdover", "leases_leasecontract"}
STEPS |= {
    **{
        f"leases_lease_{step}": (("leases",), named("object_id", "lease"))
        for step in ("revise", "redraw", "swap", "give_notice", "hold_over")
    },
    "leases_lease_countersign": (
        ("leases",),
        lambda world: {"object_id": world.mine.things["contract"].lease_id},
    ),
    **{
        f"leases_earlyend_{step}": (("leases",), named("object_id", "early_end"))
        for step in ("agree", "refuse", "take_back")
    },
    "leases_holdover_resolve": (("leases",), named("object_id", "holdover")),
}


# Floor plans, photographs, blocked days, occupancy and waived amounts.
def floor_of(world: World) -> Mapping[str, Any]:
    return {"floor_id": world.mine.things["space"].floor_id}


FOUNDER_ROWS += [
    Row("leases:plans", only(*FOUNDERS)),
    Row("leases:plan", only(*FOUNDERS), floor_of),
    Row("leases:space", only(*FOUNDERS), named("space_id", "space")),
    Row("leases:photo", only(*FOUNDERS), named("photo_id", "photo")),
]
WRITERS |= {"leases_blockedperiod": ("leases",), "leases_spacephoto": ("leases",)}
NEVER_ADDED |= {"leases_blockedperiod", "leases_spacephoto"}
STEPS |= {
    "leases_space_layout": (("leases",), floor_of),
    **{
        f"leases_space_{step}": (("leases",), named("object_id", "space"))
        for step in ("record_condition", "block", "add_photo")
    },
    "leases_lease_name_programme": (("leases",), named("object_id", "lease")),
    "leases_blockedperiod_end_early": (("leases",), named("object_id", "blocked")),
    "leases_spacephoto_show_first": (("leases",), named("object_id", "photo")),
    "leases_spacephoto_remove": (("leases",), named("object_id", "photo")),
}
# Technologies, weights, and what firms ask to have changed
WRITERS |= {
    "firms_mandateproposal": ("matching",),
    "firms_tag": ("matching",),
    "matching_weightset": ("matching",),
}
NEVER_ADDED |= {"matching_weightset"}
STEPS |= {
    "firms_mandateproposal_take": (("matching",), named("object_id", "mandate_proposal")),
    "firms_mandateproposal_decline": (("matching",), named("object_id", "mandate_proposal")),
    "firms_tag_load_sheet": (("matching",), no_args),
    "firms_tag_remove": (("matching",), named("object_id", "firms_tag")),
    "matching_weightset_what_if": (("matching",), no_args),
}
TECHNOLOGY_ROWS = [
    Row("admin:firms_tag_words", only(*STAFF)),
    Row("admin:firms_firm_knowledge", only(*STAFF), lambda world: {"object_id": world.mine.firm.pk}),
]
SPACE_ROWS = [
    Row("admin:leases_space_plans", only(*STAFF)),
    Row("admin:leases_space_plan", only(*STAFF), floor_of),
    Row("admin:leases_space_picture", only(*STAFF), named("photo_id", "photo")),
    Row("reporting:occupancy", only(*STAFF)),
    Row("reporting:occupancy_file", only(*STAFF), lambda world: {"name": "days", "kind": "csv"}),
    Row("reporting:waived", only(*STAFF)),
    Row("reporting:waived_file", only(*STAFF), lambda world: {"name": "leases", "kind": "csv"}),
]


def staff(*writers: str, readers: int = 200) -> dict[str, int]:
    """200 for the writers and the director, `readers` for other staff, 404 for everyone who is not staff."""
    return only(
        *writers, "director", **{group: readers for group in STAFF if group not in (*writers, "director")}
    )


def admin_rows(labels: list[str]) -> list[Row]:
    """The rows of every registered record, out of WRITERS and NEVER_ADDED."""
    rows = []
    for label in labels:
        writers = WRITERS[label]
        nobody = only(*STAFF, status=403)
        readers = staff(*writers, readers=403) if label in READ_BY_WRITERS else only(*STAFF)
        rows += [
            Row(f"admin:{label}_changelist", readers),
            Row(f"admin:{label}_add", nobody if label in NEVER_ADDED else staff(*writers, readers=403)),
            Row(f"admin:{label}_change", readers, named("object_id", label)),
            Row(f"admin:{label}_history", readers, named("object_id", label)),
            Row(f"admin:{label}_delete", nobody, named("object_id", label)),
        ]
    return rows


ADMIN_ROWS = [
    Row("admin:index", only(*STAFF)),
    Row("admin:login", signed_in(404, anonymous=302)),
    Row("admin:logout", only(*STAFF, status=302)),
    Row("admin:password_change", only(*STAFF, status=302)),
    Row("admin:password_change_done", only(*STAFF)),
    Row("admin:autocomplete", only(*STAFF, status=403)),
    Row("admin:jsi18n", only(*STAFF)),
    Row("admin:search", only(*STAFF)),
    Row("admin:view_on_site", only(others=404), lambda world: {"content_type_id": 0, "object_id": 0}),
    Row("admin:app_list", only(*STAFF), lambda world: {"app_label": "companies"}),
    Row("reporting:residents", only(*STAFF), lambda world: {"kind": "csv"}),
    Row("reporting:compute", only(*STAFF)),
    Row("reporting:compute_companies", only(*STAFF)),
    Row("reporting:compute_download", only(*STAFF), lambda world: {"name": "companies", "kind": "csv"}),
    Row("admin:compute_reconciliation_export", only(*STAFF), named("object_id", "reconciliation")),
    *(Row(f"admin:{name}", staff(*writers, readers=403), args) for name, (writers, args) in STEPS.items()),
]

ADMIN_ROWS += TECHNOLOGY_ROWS

# --- deadlines, requests and the mails about them
DESK_FOUNDER_ROWS = [
    *(
        Row(name, only(*FOUNDERS))
        for name in (
            "deadlines:home",
            "deadlines:calendar",
            "deadlines:reminders",
            "helpdesk:home",
            "helpdesk:new",
        )
    ),
    Row("deadlines:duty", only(*FOUNDERS), named("kind_id", "duty_kind")),
    Row("deadlines:evidence", only(*COMPANY), pk("duty")),
    Row("deadlines:switch", only(*FOUNDERS, status=FORM_ONLY)),
    Row("helpdesk:request", only(*COMPANY), pk("help_request")),
    Row("helpdesk:photo", only(*COMPANY), pk("help_photo")),
    *(
        Row(f"helpdesk:{name}", only(*FOUNDERS, status=FORM_ONLY), pk("help_request"))
        for name in ("comment", "solved", "unsolved", "withdraw")
    ),
]
FOUNDER_ROWS += DESK_FOUNDER_ROWS
DESK_API_ROWS = [
    Row("api:request-list", api(*_ALL)),
    Row("api:request-detail", api(*COMPANY, *STAFF), pk("help_request")),
]
API_ROWS += DESK_API_ROWS
HANDLERS = ("leases", "credits", "consulting", "matching")
WRITERS |= {
    "deadlines_clockrules": ("leases",),
    "deadlines_duty": ("leases",),
    "deadlines_dutykind": ("leases",),
    "deadlines_registrationcheck": ("leases",),
    "deadlines_reminder": (),
    "helpdesk_category": HANDLERS,
    "helpdesk_helprequest": HANDLERS,
    "mailing_mail": HANDLERS,
    "jobs_job": (),
}
NEVER_ADDED |= {
    "deadlines_clockrules",
    "deadlines_reminder",
    "helpdesk_helprequest",
    "jobs_job",
    "mailing_mail",
}
DESK_STEPS: dict[str, tuple[tuple[str, ...], Args]] = {
    "deadlines_duty_confirm": (("leases",), named("object_id", "duty")),
    "deadlines_duty_refuse": (("leases",), named("object_id", "duty")),
    "mailing_mail_send_again": (HANDLERS, named("object_id", "mailing_mail")),
    **{
        f"helpdesk_helprequest_{step}": (HANDLERS, named("object_id", "help_request"))
        for step in ("answer", "take", "ask_back", "solve", "note", "assign", "new_due", "decline")
    },
}
ADMIN_ROWS += [
    Row("deadlines_office:clocks", only(*STAFF)),
    Row("deadlines_office:download", only(*STAFF), lambda world: {"kind": "csv"}),
    Row("deadlines_office:send", only(*STAFF, status=FORM_ONLY)),
    Row("deadlines_office:evidence", only(*STAFF), pk("duty")),
    Row("helpdesk_office:photo", only(*STAFF), pk("help_photo")),
    Row("admin:jobs_job_progress", only(*STAFF), pk("jobs_job")),
    Row("admin:jobs_job_stop", only(*STAFF, status=FORM_ONLY), pk("jobs_job")),
    Row("reporting:helpdesk", only(*STAFF)),
    Row("reporting:helpdesk_download", only(*STAFF), lambda world: {"kind": "csv"}),
    *(
        Row(f"admin:{name}", staff(*writers, readers=403), args)
        for name, (writers, args) in DESK_STEPS.items()
    ),
]

# Papers and handovers in the admin
ADMIN_ROWS += [
    Row("admin:papers_paper_open_file", only(*STAFF), named("object_id", "paper")),
    Row("admin:leases_leasecontract_open_pdf", only(*STAFF), named("object_id", "contract")),
    Row("admin:leases_handover_sheet", only(*STAFF), named("object_id", "handover")),
    Row("admin:leases_handover_picture", only(*STAFF), pk("handover_picture")),
]


# --- intake: calls, applications by link, reviews
INTAKE_ROWS = [
    Row("intake:home", everyone()),
    Row("intake:call", everyone(), lambda world: {"slug": world.mine.things["call"].slug}),
    Row(
        "intake:call_file",
        everyone(),
        lambda world: {"slug": world.mine.things["call"].slug, "pk": world.mine.things["call_file"].pk},
    ),
    Row("intake:enter", everyone(410), lambda world: {"secret": "unknown"}),
    Row("intake:mine", everyone(302)),  # nobody of these came by a link
    Row("intake:own_file", everyone(302), pk("application_file")),
    *(
        Row(f"intake:{name}", everyone(FORM_ONLY))
        for name in ("autosave", "add_document", "withdraw", "decline", "leave")
    ),
]
REVIEW_ROWS = [
    Row("review:home", only(*REVIEWERS)),
    Row("review:review", only("reviewer"), pk("review")),
    Row("review:conflict", only(*REVIEWERS, status=FORM_ONLY), pk("review")),
    Row(
        "review:file",
        only("reviewer"),
        lambda world: {
            "pk": world.mine.things["review"].pk,
            "file_id": world.mine.things["application_file"].pk,
        },
    ),
]
WRITERS.update(
    {"intake_call": ("leases",), "intake_application": ("leases",), "intake_reviewer": ("leases",)}
)
NEVER_ADDED.add("intake_application")
INTAKE_STEPS: dict[str, tuple[tuple[str, ...], Args]] = {
    **{
        f"intake_call_{step}": (("leases",), named("object_id", "call"))
        for step in ("move", "assign", "invite_reviewer")
    },
    **{
        f"intake_application_{step}": (("leases",), named("object_id", "application"))
        for step in ("screen", "documents", "assign_one", "accept", "wait", "reject", "undo")
    },
}
INTAKE_ADMIN_ROWS = [
    Row("admin:intake_call_ranking", only(*STAFF), named("object_id", "call")),
    Row(
        "admin:intake_application_file",
        only(*STAFF),
        lambda world: {
            "object_id": world.mine.things["application"].pk,
            "pk": world.mine.things["application_file"].pk,
        },
    ),
    *(Row(f"admin:{name}", staff(*who, readers=403), args) for name, (who, args) in INTAKE_STEPS.items()),
]

# --- mentor days: wishes, timetables, repairs
FOUNDER_ROWS += [
    Row("mentordays:home", only(*FOUNDERS)),
    Row("mentordays:day", only(*COMPANY), pk("mentor_ranking")),
    Row("mentordays:sheet", only(*FOUNDERS), pk("mentor_day")),
]
ADVISER_ROWS += [
    Row("advise_mentordays:home", only(*ADVISERS)),
    Row("advise_mentordays:day", only("adviser"), pk("mentor_ranking")),
    Row("advise_mentordays:sheet", only(*ADVISERS), pk("mentor_day")),
]


def _mentor_party(world: World) -> Mapping[str, Any]:
    return {"pk": world.mine.things["mentor_day"].pk, "side": "company", "party": world.mine.company.pk}


def _mentor_part(world: World) -> Mapping[str, Any]:
    guest = world.mine.things["mentor_guest"]
    return {"pk": guest.day_id, "kind": "adviser", "part": guest.pk}


WRITERS["mentordays_mentorday"] = ("consulting",)
MENTOR_DAY_ROWS = [
    Row(
        "admin:mentordays_mentorday_open_day",
        only(*STAFF, status=302),
        named("object_id", "mentor_day"),
    ),
    *(
        Row(f"mentordays_office:{name}", only(*STAFF), pk("mentor_day"))
        for name in ("day", "invite", "wishes", "call_off", "timetable", "repair", "now", "sheets")
    ),
    Row("mentordays_office:part", only(*STAFF), _mentor_part),
    Row("mentordays_office:on_behalf", only(*STAFF), _mentor_party),
    Row("mentordays_office:sheet", only(*STAFF), _mentor_party),
    Row("mentordays_office:version", only(*STAFF), pk("mentor_version")),
    Row("mentordays_office:compute", only(*STAFF, status=FORM_ONLY), pk("mentor_day")),
    *(
        Row(f"mentordays_office:{name}", only(*STAFF, status=FORM_ONLY), pk("mentor_version"))
        for name in ("lock", "publish")
    ),
]


# Conflicts, wishes and runs pair by pair
WRITERS |= {
    "matching_conflict": ("matching",),
    "matching_participation": ("matching",),
    "matching_preference": ("matching",),
}


def draft_of(world: World) -> Mapping[str, Any]:
    return {"object_id": world.draft.pk}


LIMIT_STEPS: dict[str, tuple[tuple[str, ...], Args]] = {
    "matching_matchrun_change_pair": (("matching",), draft_of),
    "matching_matchrun_repeat": (("matching",), draft_of),
    **{
        f"matching_conflict_{step}": (("matching",), named("object_id", "conflict"))
        for step in ("confirm", "reject", "end")
    },
}
FOUNDER_ROWS += [
    Row("matching:wishes", only(*FOUNDERS)),
    Row("matching:wish", only(*FOUNDERS, status=FORM_ONLY)),
    Row("matching:declare", only(*FOUNDERS, status=FORM_ONLY)),
    Row("matching:take_part", only(*FOUNDERS, status=FORM_ONLY)),
    Row("matching:end", only(*FOUNDERS, status=FORM_ONLY), pk("conflict")),
]
ADMIN_ROWS += [
    Row("admin:matching_matchrun_pairs", only(*STAFF), draft_of),
    Row("admin:matching_matchrun_compare", only(*STAFF), draft_of),
    *(Row(f"admin:{name}", staff(*who, readers=403), args) for name, (who, args) in LIMIT_STEPS.items()),
]


# --- after a session: reports, next steps, ratings, the advice ledger
FOUNDER_ROWS += [
    Row("consulting:ledger", only(*FOUNDERS)),
    Row("consulting:steps", only(*FOUNDERS)),
    Row("consulting:rate", only(*FOUNDERS, status=FORM_ONLY), pk("held")),
    Row("consulting:notes", only(*FOUNDERS, status=FORM_ONLY), pk("held")),
    Row("consulting:step_done", only(*FOUNDERS, status=FORM_ONLY), pk("step")),
    Row("consulting:step_drop", only(*COMPANY), pk("step")),
    Row("consulting:report_file", only(*COMPANY), pk("report_file")),
]
ADVISER_ROWS += [
    Row("advise:report", only("adviser"), pk("held")),
    Row("advise:prepare", only("adviser"), pk("booking")),
    Row("advise:steps", only(*ADVISERS)),
    Row("advise:step_done", only(*ADVISERS, status=FORM_ONLY), pk("step")),
    Row("advise:step_drop", only("adviser"), pk("step")),
    Row("advise:report_file", only("adviser"), pk("report_file")),
]
AFTER_API_ROWS = [
    Row("api:session-report-list", api(*_ALL)),
    Row("api:session-report-detail", api(*COMPANY, *STAFF, "adviser"), pk("session_report")),
    Row("api:next-step-list", api(*_ALL)),
    Row("api:next-step-done", api(*_ALL, status=FORM_ONLY), pk("step")),
    Row("api:next-step-drop", api(*_ALL, status=FORM_ONLY), pk("step")),
    Row("api:next-step-detail", api(*COMPANY, *STAFF, "adviser"), pk("step")),
]
API_ROWS += AFTER_API_ROWS
WRITERS |= {"consulting_sessionreport": (), "consulting_nextstep": ()}
NEVER_ADDED |= {"consulting_sessionreport", "consulting_nextstep"}
ADMIN_ROWS += [
    Row("admin:consulting_report_ledger", only(*STAFF), lambda world: {"company_id": world.mine.company.pk}),
    Row("admin:consulting_report_file", only(*STAFF), pk("report_file")),
    Row(
        "admin:consulting_sessionreport_ledger_of_company", only(*STAFF), named("object_id", "session_report")
    ),
    *(
        Row(f"admin:consulting_nextstep_{step}", staff("consulting", readers=403), named("object_id", "step"))
        for step in ("done", "drop")
    ),
]


# --- data rooms: a company's documents, and what a firm may open of them
def _room_sheet(world: World) -> Mapping[str, Any]:
    return {"pk": world.mine.things["room_document"].pk, "page": 1}


def _as_firm(world: World) -> Mapping[str, Any]:
    return {"pk": world.mine.things["disclosure"].pk, "document_id": world.mine.things["room_document"].pk}


FOUNDER_ROWS += [
    Row("dataroom:home", only(*FOUNDERS)),
    Row("dataroom:upload", only(*FOUNDERS)),
    Row("dataroom:access", only(*FOUNDERS)),
    Row("dataroom:views", only(*FOUNDERS)),
    Row("dataroom:folder", only(*COMPANY), pk("room_folder")),
    Row("dataroom:remove_folder", only(*FOUNDERS, status=FORM_ONLY), pk("room_folder")),
    Row("dataroom:document", only(*COMPANY), pk("room_document")),
    *(
        Row(f"dataroom:{name}", only(*FOUNDERS, status=FORM_ONLY), pk("room_document"))
        for name in ("add_version", "change", "put_away", "take_out")
    ),
    Row("dataroom:file", only(*COMPANY), pk("room_version")),
    Row("dataroom:access_of", only(*COMPANY), pk("disclosure")),
    Row("dataroom:as_firm", only(*COMPANY), pk("disclosure")),
    Row("dataroom:as_firm_document", only(*COMPANY), _as_firm),
    Row("dataroom:as_firm_picture", only(*COMPANY), lambda world: {**_as_firm(world), "page": 1}),
]
INVESTOR_ROWS += [
    Row("reading:home", only(*INVESTORS)),
    Row("reading:document", only("investor"), pk("room_document")),
    Row("reading:picture", only("investor"), _room_sheet),
    Row("reading:file", only("investor"), pk("room_document")),
    Row("reading:sign", only(others=404), lambda world: {"token": "unknown"}),
]
WRITERS |= {
    "dataroom_document": ("matching",),
    "dataroom_documentaccess": (),
    "dataroom_pageview": (),
}
NEVER_ADDED |= {"dataroom_document", "dataroom_documentaccess", "dataroom_pageview"}
ADMIN_ROWS += [
    Row(
        "admin:dataroom_document_open_file",
        staff("matching", readers=403),
        named("object_id", "room_document"),
    ),
]

# --- introductions on their way
INVESTOR_ROWS += [
    # The one of the world has passed, and its company is still seen: the link leads to the company.
    Row(
        "invest:link",
        only(*FIRM, status=302),
        lambda world: {"token": make_link(world.mine.things["done"].pk, now=timezone.now())},
    ),
]
WRITERS["matching_investment"] = ("matching",)
NEVER_ADDED.add("matching_investment")
PIPELINE_STEPS: dict[str, tuple[tuple[str, ...], Args]] = {
    **{
        f"matching_introduction_{step}": (("matching",), named("object_id", "asked"))
        for step in ("tell", "meeting", "investment")
    },
    "matching_investment_take_back": (("matching",), named("object_id", "investment")),
}
ADMIN_ROWS += [
    Row("admin:matching_introduction_board", only(*STAFF)),
    Row("admin:matching_investment_evidence", only(*STAFF), pk("investment")),
    *(
        Row(f"admin:{name}", staff(*writers, readers=403), args)
        for name, (writers, args) in PIPELINE_STEPS.items()
    ),
]

# --- demo days: wishes and timetables of both sides, the managers' pages of a day
FOUNDER_ROWS += [
    Row("demoday:home", only(*FOUNDERS)),
    *(
        Row(f"demoday:{name}", only(*COMPANY), pk("demo_day"))
        for name in ("day", "sheet", "calendar", "table")
    ),
]
INVESTOR_ROWS += [
    Row("demoday_invest:home", only(*INVESTORS)),
    *(
        Row(f"demoday_invest:{name}", only(*FIRM), pk("demo_day"))
        for name in ("day", "sheet", "calendar", "table")
    ),
]
WRITERS |= {"demoday_demoday": ("matching",), "demoday_plan": ("matching",)}
NEVER_ADDED.add("demoday_plan")


def _of_the_day(side: str) -> Args:
    return lambda world: {
        "pk": world.mine.things["demo_day"].pk,
        "side": side,
        "party": getattr(world.mine, side).pk,
    }


DEMO_DAY_ROWS = [
    *(
        Row(f"admin:demoday_demoday_{name}", only(*STAFF), pk("demo_day"))
        for name in ("wishes", "plan", "desk", "board", "cards", "sheets")
    ),
    Row(
        "admin:demoday_demoday_participants",
        only(*STAFF),
        lambda world: {"pk": world.mine.things["demo_day"].pk, "side": "company"},
    ),
    Row("admin:demoday_demoday_sheet", only(*STAFF), _of_the_day("firm")),
    Row("admin:demoday_demoday_wish", staff("matching", readers=403), _of_the_day("firm")),
    Row("admin:demoday_demoday_repair", staff("matching", readers=403), pk("demo_day")),
    *(
        Row(f"admin:demoday_demoday_{name}", only(*STAFF, status=FORM_ONLY), pk("demo_day"))
        for name in ("compute", "act")
    ),
    Row("admin:demoday_plan_hold", only(*STAFF, status=FORM_ONLY), pk("demo_plan")),
    Row("admin:demoday_plan_publish", staff("matching", readers=403), named("object_id", "demo_plan")),
    *(
        Row(f"admin:demoday_demoday_{name}", staff("matching", readers=403), named("object_id", "demo_day"))
        for name in ("open_ranking", "close", "call_off")
    ),
]


# --- programmes, honoraria, consulting in numbers
FOUNDER_ROWS += [
    Row("programmes:home", only(*FOUNDERS)),
    Row("programmes:programme", only(*FOUNDERS), pk("programme")),
    Row("programmes:material", only(*COMPANY), pk("material")),
    Row("programmes:sign_up", only(*FOUNDERS, status=FORM_ONLY), pk("programme")),
    Row("programmes:leave", only(*FOUNDERS, status=FORM_ONLY), pk("sign_up")),
    Row("programmes:certificate", only(*FOUNDERS, status=FORM_ONLY), pk("sign_up")),
]
ADVISER_ROWS += [
    Row("teach:home", only(*ADVISERS)),
    Row("teach:programme", only("adviser"), pk("programme")),
    Row("teach:meeting", only("adviser"), pk("meeting")),
    Row("teach:material", only("adviser"), pk("material")),
    Row("teach:add_material", only(*ADVISERS, status=FORM_ONLY), pk("programme")),
    Row("teach:record", only(*ADVISERS, status=FORM_ONLY), pk("meeting")),
    Row("teach:rest", only(*ADVISERS, status=FORM_ONLY), pk("meeting")),
    Row("teach:remove_material", only(*ADVISERS, status=FORM_ONLY), pk("material")),
    Row("advise:honorarium", only(*ADVISERS)),
]
API_ROWS += [
    Row("api:programme-list", api(*_ALL)),
    Row("api:programme-detail", api(*FOUNDERS, *STAFF, "adviser"), pk("programme")),
    Row("api:sign-up-list", api(*_ALL)),
    Row("api:sign-up-detail", api(*COMPANY, *STAFF, "adviser"), pk("sign_up")),
    Row("api:sign-up-leave", api(*_ALL, status=FORM_ONLY), pk("sign_up")),
]
WRITERS |= {
    "consulting_honorariumrate": ("consulting",),
    "programmes_programme": ("consulting",),
    "programmes_signup": ("consulting",),
}
NEVER_ADDED.add("programmes_signup")
PROGRAMME_STEPS = ("publish", "record", "sign_someone_up", "hand_out", "certify", "call_off")
ADMIN_ROWS += [
    Row("reporting:consulting", only(*STAFF)),
    Row("reporting:consulting_list", only(*STAFF)),
    Row("reporting:consulting_download", only(*STAFF), lambda world: {"name": "adviser", "kind": "csv"}),
    Row("honoraria:sheet", staff("consulting", readers=403)),
    Row(
        "honoraria:file",
        staff("consulting", readers=403),
        lambda world: {"name": "payments", "kind": "csv"},
    ),
    Row("honoraria:close", only(*STAFF, status=FORM_ONLY)),
    Row("admin:programmes_programme_sheet", only(*STAFF), named("object_id", "programme")),
    Row("admin:programmes_signup_leave", staff("consulting", readers=403), named("object_id", "sign_up")),
    *(
        Row(
            f"admin:programmes_programme_{step}",
            staff("consulting", readers=403),
            named("object_id", "programme"),
        )
        for step in PROGRAMME_STEPS
    ),
]

# --- the investors' search, comparison and files; matching in numbers
INVESTOR_ROWS += [
    Row("invest:teasers", only(*INVESTORS)),
    Row("invest:compare", only(*INVESTORS)),
    Row("invest:portfolio", only(*INVESTORS)),
    Row("invest:calendar", only(*INVESTORS)),
    Row("invest:table", only(*INVESTORS), lambda world: {"name": "companies"}),
]
PUBLIC_ROWS += [
    Row("numbers", everyone()),
    Row("firm_feed", everyone(404), lambda world: {"token": "unknown"}),
]
WRITERS["invest_firmcalendar"] = ()
NEVER_ADDED.add("invest_firmcalendar")
ADMIN_ROWS += [
    Row("reporting:matching", only(*STAFF)),
    Row("reporting:matching_part", only(*STAFF), lambda world: {"part": "pairs"}),
    Row("reporting:matching_download", only(*STAFF), lambda world: {"name": "pairs", "kind": "csv"}),
    Row("admin:invest_firmcalendar_renew", staff("matching", readers=403)),
    Row(
        "admin:invest_firmcalendar_close", staff("matching", readers=403), named("object_id", "firm_calendar")
    ),
]

ROWS = [
    *MENTOR_DAY_ROWS,
    *PUBLIC_ROWS,
    *DEMO_DAY_ROWS,
    *INTAKE_ROWS,
    *REVIEW_ROWS,
    *INTAKE_ADMIN_ROWS,
    *ACCOUNT_ROWS,
    *FOUNDER_ROWS,
    *SPACE_ROWS,
    *ADVISER_ROWS,
    *INVESTOR_ROWS,
    *API_ROWS,
    *ADMIN_ROWS,
]
