"""What waits, by the reason why: one query each, all of the same columns. `rules` says who decides it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields import DateTimeField
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from incubator.accounts import selectors as people
from incubator.accounts.acting import Acting, acting_of
from incubator.accounts.enums import Kind, StaffGroup
from incubator.common.display import day, korean, pfh
from incubator.common.waiting import Waiting, waiting
from incubator.mailing import selectors as mailing
from investors.matching import selectors as matching
from investors.matching.enums import IntroductionState, RunState
from investors.matching.policy import PATIENCE
from tenants.companies import selectors as companies
from tenants.companies.enums import ResidencyState
from tenants.compute import selectors as compute
from tenants.compute.enums import OPEN_REQUEST_STATES, AccountKind, ImportState, NoticeState
from tenants.compute.selectors import limits
from tenants.compute.selectors import reconciliation as clusters
from tenants.consulting import selectors as consulting
from tenants.consulting.enums import BookingState, Side
from tenants.deadlines import selectors as deadlines
from tenants.deadlines.enums import DutyState
from tenants.helpdesk import selectors as helpdesk
from tenants.helpdesk.enums import CAMPS_TURN
from tenants.intake import selectors as intake
from tenants.leases import selectors as leases
from tenants.leases.enums import EndingState, ExtensionState, LeaseState, SigningSide
from tenants.leases.models import Building, Space
from tenants.leases.selectors import contracts, endings

ENDING_DAYS = 60

# Who sends an invitation again when it has run out.
_INVITERS = {
    StaffGroup.LEASES: Kind.FOUNDER,
    StaffGroup.CONSULTING: Kind.ADVISER,
    StaffGroup.MATCHING: Kind.INVESTOR,
}


def sees_all(acting: Acting) -> bool:
    """The director decides everything, the auditor looks at everything."""
    return bool(acting.groups & {StaffGroup.DIRECTOR, StaffGroup.AUDITOR})


def place(of: Waiting) -> str:
    """The space among a thing's details, in the reader's words."""
    names = of.details
    building = Building(name=names["building"], name_en=names["building_en"])
    return Space(building=building, code=names["code"], kind=names["kind"]).place


def _place_columns(space: str) -> dict[str, Any]:
    return {
        "building": F(f"{space}__building__name"),
        "building_en": F(f"{space}__building__name_en"),
        "code": F(f"{space}__code"),
        "kind": F(f"{space}__kind"),
    }


def extensions(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        leases.extension_requests_for(user).filter(state=ExtensionState.OPEN),
        "extension",
        label=F("lease__company__name"),
        since="asked_at",
        due="until",
        **_place_columns("lease__space"),
    )


def countersignatures(user: Any, now: datetime, today: date) -> QuerySet:
    """Offers whose newest contract the company has signed."""
    newest = contracts.contracts_for(user).filter(lease=OuterRef("pk")).order_by("-number").values("pk")[:1]
    signed = contracts.signatures_for(user).filter(contract=OuterRef("contract_pk"), side=SigningSide.COMPANY)
    offers = leases.leases_for(user).filter(state=LeaseState.OFFERED)
    offers = offers.annotate(contract_pk=Subquery(newest)).annotate(
        signed_at=Subquery(signed.values("at")[:1])
    )
    return waiting(
        offers.filter(signed_at__isnull=False),
        "countersign",
        label=F("company__name"),
        since="signed_at",
        due=F("period__startswith"),
        **_place_columns("space"),
    )


def early_ends(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        endings.early_ends_for(user).filter(state=EndingState.OPEN),
        "early_end",
        label=F("lease__company__name"),
        since="asked_at",
        due="last_day",
        **_place_columns("lease__space"),
    )


def holdovers(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        endings.holdovers_for(user).filter(outcome=""),
        "holdover",
        label=F("lease__company__name"),
        since="first_day",
        due="allowed_until",
        **_place_columns("space"),
    )


def ending_leases(user: Any, now: datetime, today: date) -> QuerySet:
    """Without a request that is being decided, or was refused, or an earlier end that is agreed: in all these cases the
    company need not be asked any more."""
    asked = leases.extension_requests_for(user).filter(
        lease=OuterRef("pk"), state__in=[ExtensionState.OPEN, ExtensionState.REFUSED]
    )
    agreed = endings.early_ends_for(user).filter(lease=OuterRef("pk"), state=EndingState.AGREED)
    ending = leases.ending_soon(user, within_days=ENDING_DAYS, today=today)
    ending = ending.exclude(Exists(asked)).exclude(Exists(agreed))
    last = ExpressionWrapper(F("period__endswith") - timedelta(days=1), output_field=DateTimeField())
    known = ExpressionWrapper(
        F("period__endswith") - timedelta(days=ENDING_DAYS + 1), output_field=DateTimeField()
    )
    return waiting(
        ending, "ending_lease", label=F("company__name"), since=known, due=last, **_place_columns("space")
    )


def admitted(user: Any, now: datetime, today: date) -> QuerySet:
    """Their day has come and nobody has said that they moved in."""
    begun = companies.residencies_for(user).filter(
        state=ResidencyState.ADMITTED, period__startswith__lte=today
    )
    first = F("period__startswith")
    return waiting(begun, "admitted", label=F("company__name"), since=first, due=first)


def suspense(user: Any, now: datetime, today: date) -> QuerySet:
    unknown = compute.accounts_for(user).filter(kind=AccountKind.SUSPENSE, balance_gflop__lt=0)
    return waiting(
        unknown,
        "suspense",
        label=F("cluster_account"),
        since="opened_at",
        gflop=_owed(),
        cluster=F("cluster__name"),
    )


def debts(user: Any, now: datetime, today: date) -> QuerySet:
    debts = compute.accounts_for(user).filter(kind=AccountKind.DEBT, balance_gflop__lt=0)
    return waiting(debts, "debt", label=F("company__name"), since="opened_at", gflop=_owed())


def _owed() -> ExpressionWrapper:
    return ExpressionWrapper(F("balance_gflop") * -1, output_field=BigIntegerField())


def failed_imports(user: Any, now: datetime, today: date) -> QuerySet:
    """Unless the same file, or one of the same name, was read in later."""
    imports = compute.usage_imports_for(user)
    later = imports.filter(
        Q(sha256=OuterRef("sha256"), sha256__gt="") | Q(file_name=OuterRef("file_name")),
        cluster=OuterRef("cluster"),
        state=ImportState.IMPORTED,
        pk__gt=OuterRef("pk"),
    )
    failed = imports.filter(state=ImportState.FAILED).exclude(Exists(later))
    return waiting(
        failed,
        "failed_import",
        label=Coalesce(F("file_name"), F("cluster__name")),
        since="finished_at",
        failure=F("failure"),
        cluster=F("cluster__name"),
    )


def differences(user: Any, now: datetime, today: date) -> QuerySet:
    """Of our records and an independent total, that nobody has explained."""
    return waiting(
        clusters.unexplained_for(user),
        "difference",
        label=F("cluster__name"),
        since="created_at",
        totals=F("differing"),
        first=F("starts_at"),
    )


def late_usage(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        clusters.late_clusters_for(user, now), "late_usage", label=F("name"), since="last_import_at"
    )


def failed_syncs(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        limits.unheeded_syncs_for(user),
        "failed_sync",
        label=F("cluster__name"),
        since="synced_at",
        failure=F("failure"),
    )


def credit_requests(user: Any, now: datetime, today: date) -> QuerySet:
    """Of those to which one of two has agreed, the same person is reminded too: only the other one can decide."""
    asked = compute.requests.grant_requests_for(user).filter(state__in=OPEN_REQUEST_STATES)
    return waiting(
        asked,
        "credit_request",
        label=F("company__name"),
        since="asked_at",
        gflop=F("amount_gflop"),
        project=F("project"),
        agreed=F("agreed_by__name"),
    )


def exemptions(user: Any, now: datetime, today: date) -> QuerySet:
    asked = compute.requests.notices_for(user).filter(state=NoticeState.EXEMPTION_ASKED)
    return waiting(
        asked,
        "exemption",
        label=F("company__name"),
        since="asked_at",
        due="deadline",
        gflop=F("proposed_gflop"),
    )


def due_claw_backs(user: Any, now: datetime, today: date) -> QuerySet:
    """Announced, and the time to answer is over; what the rules leave to the system waits for nobody."""
    over = compute.requests.notices_for(user).filter(
        state=NoticeState.OPEN, deadline__lt=today, policy__automatic=False
    )
    return waiting(
        over,
        "claw_back",
        label=F("company__name"),
        since="deadline",
        due="deadline",
        gflop=F("proposed_gflop"),
    )


def requests(user: Any, now: datetime, today: date) -> QuerySet:
    """The camp's turn, in the person's own hands or in nobody's; the director and the auditor see everyone's."""
    open_ = helpdesk.requests_for(user).filter(state__in=CAMPS_TURN)
    acting = acting_of(user)
    if not sees_all(acting):
        open_ = open_.filter(Q(owner=None) | Q(owner_id=acting.user_id))
    return waiting(
        open_,
        "request",
        label=F("company__name"),
        since="asked_at",
        due="due_on",
        title=F("title"),
        owner=F("owner__name"),
    )


def request_note(of: Waiting) -> str:
    due = _("due %(day)s") % {"day": day(of.due)}
    return " · ".join([of.details["title"], of.details["owner"] or _("nobody yet"), due])


def duties(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        deadlines.duties_for(user).filter(state=DutyState.SUBMITTED),
        "duty",
        label=F("company__name"),
        since="submitted_at",
        due="valid_until",
        name=F("kind__name"),
        name_en=F("kind__name_en"),
    )


def duty_note(of: Waiting) -> str:
    name = of.details["name"] if korean() else of.details["name_en"]
    return _("%(kind)s, valid until %(day)s") % {"kind": name, "day": day(of.due)}


def unclear_mails(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        mailing.unclear_for(user, now), "mail", label=F("address"), since="claimed_at", subject=F("subject")
    )


def credit_note(of: Waiting) -> str:
    asked = _("%(project)s, %(amount)s PF·h") % {
        "project": of.details["project"],
        "amount": pfh(of.details["gflop"]),
    }
    if not of.details["agreed"]:
        return asked
    agreed = _("%(person)s has agreed, another person must") % {"person": of.details["agreed"]}
    return f"{asked} · {agreed}"


def unrecorded(user: Any, now: datetime, today: date) -> QuerySet:
    over = consulting.bookings_for(user).filter(state=BookingState.BOOKED, period__endswith__lte=now)
    return waiting(
        over,
        "attendance",
        label=F("company__name"),
        since="period__endswith",
        adviser=F("adviser__name"),
    )


def unreported(user: Any, now: datetime, today: date) -> QuerySet:
    """Sessions that took place a week ago and whose report is still missing."""
    held = consulting.report_missing(consulting.bookings_for(user), now)
    return waiting(
        held, "unreported", label=F("adviser__name"), since="period__endswith", company=F("company__name")
    )


def office_steps(user: Any, now: datetime, today: date) -> QuerySet:
    """Next steps that the camp office has taken on."""
    steps = consulting.steps_for(user).open().filter(owner=Side.OFFICE)
    return waiting(
        steps,
        "office_step",
        label=F("company__name"),
        since="agreed_at",
        due="due_on",
        text=F("text"),
        adviser=F("adviser__name"),
    )


def office_step_note(of: Waiting) -> str:
    text = " ".join(of.details["text"].split())
    until = [_("due %(day)s") % {"day": day(of.due)}] if of.due else []
    return " · ".join([of.details["adviser"], text if len(text) <= 60 else f"{text[:59]}…", *until])


def consented(user: Any, now: datetime, today: date) -> QuerySet:
    agreed = matching.introductions_for(user).filter(state=IntroductionState.CONSENTED)
    return waiting(
        agreed,
        "introduction",
        label=F("company__name"),
        since=Coalesce(F("answered_at"), F("made_at")),
        firm=F("firm__name"),
    )


def stuck_introductions(user: Any, now: datetime, today: date) -> QuerySet:
    """That stay where they are for longer than anybody should wait; what the company has just agreed to is another line."""
    late = Q()
    for state, patience in PATIENCE.items():
        if state != IntroductionState.CONSENTED:
            late |= Q(state=state, changed_at__lt=now - timedelta(days=patience))
    return waiting(
        matching.introductions_for(user).filter(late),
        "stuck_introduction",
        label=F("company__name"),
        since=F("changed_at"),
        firm=F("firm__name"),
        state=F("state"),
    )


def draft_runs(user: Any, now: datetime, today: date) -> QuerySet:
    """Drafts newer than what was published last: an older one was passed over."""
    runs = matching.runs_for(user)
    newer = runs.filter(state=RunState.PUBLISHED, run_at__gte=OuterRef("run_at"))
    drafts = runs.filter(state=RunState.DRAFT).exclude(Exists(newer))
    return waiting(drafts, "draft_run", label=F("weights_version"), since="run_at")


def expired_invitations(user: Any, now: datetime, today: date) -> QuerySet:
    """That nobody accepted or took back, and that no newer one to the same address stands for."""
    invitations = people.invitations_for(user)
    newer = invitations.filter(
        email=OuterRef("email"), kind=OuterRef("kind"), revoked_at=None, created_at__gt=OuterRef("created_at")
    )
    expired = invitations.filter(
        accepted_at=None, revoked_at=None, sent_at__isnull=False, expires_at__lte=now
    )
    acting = acting_of(user)
    if not sees_all(acting):
        kinds = [kind for group, kind in _INVITERS.items() if group in acting.groups]
        expired = expired.filter(kind__in=kinds)
    return waiting(
        expired.exclude(Exists(newer)),
        "invitation",
        label=F("name"),
        since="expires_at",
        scope=F("scope_label"),
    )


def to_screen(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        intake.to_screen_for(user, now),
        "to_screen",
        label=F("applicant__name"),
        since="submitted_at",
        call=F("call__title"),
        number=F("number"),
    )


def reviews_missing(user: Any, now: datetime, today: date) -> QuerySet:
    behind = intake.reviewers_behind_for(user)
    return waiting(
        behind,
        "reviews_missing",
        label=F("user__name"),
        since=F("oldest_open"),
        call=F("call__title"),
        left=F("open_reviews"),
    )


def free_places(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        intake.places_free_for(user),
        "free_place",
        label=F("applicant__name"),
        since="place_free_at",
        call=F("call__title"),
    )
