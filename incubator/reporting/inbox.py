"""The managers' inbox: what waits for a decision, by rule, each rule for the staff groups that decide it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields import DateTimeField
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.accounts import selectors as people
from incubator.accounts.acting import Acting, acting_of
from incubator.accounts.enums import Kind, StaffGroup
from incubator.common.display import day, dday, korean, moment, number, pfh
from incubator.common.waiting import Waiting, read, waiting
from incubator.mailing import selectors as mailing
from investors.matching import selectors as matching
from investors.matching.enums import IntroductionState, RunState
from tenants.companies import selectors as companies
from tenants.companies.enums import ResidencyState
from tenants.compute import selectors as compute
from tenants.compute.enums import OPEN_REQUEST_STATES, AccountKind, ImportState, NoticeState
from tenants.compute.selectors import limits
from tenants.compute.selectors import reconciliation as clusters
from tenants.consulting import selectors as consulting
from tenants.consulting.enums import BookingState
from tenants.deadlines import selectors as deadlines
from tenants.deadlines.enums import DutyState
from tenants.helpdesk import selectors as helpdesk
from tenants.helpdesk.enums import CAMPS_TURN
from tenants.helpdesk.rules import HANDLERS
from tenants.intake import selectors as intake
from tenants.leases import selectors as leases
from tenants.leases.enums import EndingState, ExtensionState, LeaseState, SigningSide
from tenants.leases.models import Building, Space
from tenants.leases.occupancy import Shortfall
from tenants.leases.selectors import contracts, endings

SHOWN = 30
ENDING_DAYS = 60
LATE_DAYS = 7
NEAR_END_DAYS = 30

# Who sends an invitation again when it has run out.
_INVITERS = {
    StaffGroup.LEASES: Kind.FOUNDER,
    StaffGroup.CONSULTING: Kind.ADVISER,
    StaffGroup.MATCHING: Kind.INVESTOR,
}


def _place(of: Waiting) -> str:
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


def _extensions(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        leases.extension_requests_for(user).filter(state=ExtensionState.OPEN),
        "extension",
        label=F("lease__company__name"),
        since="asked_at",
        due="until",
        **_place_columns("lease__space"),
    )


def _countersignatures(user: Any, now: datetime, today: date) -> QuerySet:
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


def _early_ends(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        endings.early_ends_for(user).filter(state=EndingState.OPEN),
        "early_end",
        label=F("lease__company__name"),
        since="asked_at",
        due="last_day",
        **_place_columns("lease__space"),
    )


def _holdovers(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        endings.holdovers_for(user).filter(outcome=""),
        "holdover",
        label=F("lease__company__name"),
        since="first_day",
        due="allowed_until",
        **_place_columns("space"),
    )


def _ending_leases(user: Any, now: datetime, today: date) -> QuerySet:
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


def _admitted(user: Any, now: datetime, today: date) -> QuerySet:
    """Their day has come and nobody has said that they moved in."""
    begun = companies.residencies_for(user).filter(
        state=ResidencyState.ADMITTED, period__startswith__lte=today
    )
    first = F("period__startswith")
    return waiting(begun, "admitted", label=F("company__name"), since=first, due=first)


def _suspense(user: Any, now: datetime, today: date) -> QuerySet:
    unknown = compute.accounts_for(user).filter(kind=AccountKind.SUSPENSE, balance_gflop__lt=0)
    return waiting(
        unknown,
        "suspense",
        label=F("cluster_account"),
        since="opened_at",
        gflop=_owed(),
        cluster=F("cluster__name"),
    )


def _debts(user: Any, now: datetime, today: date) -> QuerySet:
    debts = compute.accounts_for(user).filter(kind=AccountKind.DEBT, balance_gflop__lt=0)
    return waiting(debts, "debt", label=F("company__name"), since="opened_at", gflop=_owed())


def _owed() -> ExpressionWrapper:
    return ExpressionWrapper(F("balance_gflop") * -1, output_field=BigIntegerField())


def _failed_imports(user: Any, now: datetime, today: date) -> QuerySet:
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


def _differences(user: Any, now: datetime, today: date) -> QuerySet:
    """Of our records and an independent total, that nobody has explained."""
    return waiting(
        clusters.unexplained_for(user),
        "difference",
        label=F("cluster__name"),
        since="created_at",
        totals=F("differing"),
        first=F("starts_at"),
    )


def _late_usage(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        clusters.late_clusters_for(user, now), "late_usage", label=F("name"), since="last_import_at"
    )


def _failed_syncs(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        limits.unheeded_syncs_for(user),
        "failed_sync",
        label=F("cluster__name"),
        since="synced_at",
        failure=F("failure"),
    )


def _credit_requests(user: Any, now: datetime, today: date) -> QuerySet:
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


def _exemptions(user: Any, now: datetime, today: date) -> QuerySet:
    asked = compute.requests.notices_for(user).filter(state=NoticeState.EXEMPTION_ASKED)
    return waiting(
        asked,
        "exemption",
        label=F("company__name"),
        since="asked_at",
        due="deadline",
        gflop=F("proposed_gflop"),
    )


def _due_claw_backs(user: Any, now: datetime, today: date) -> QuerySet:
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


def _requests(user: Any, now: datetime, today: date) -> QuerySet:
    """The camp's turn, in the person's own hands or in nobody's; the director and the auditor see everyone's."""
    open_ = helpdesk.requests_for(user).filter(state__in=CAMPS_TURN)
    acting = acting_of(user)
    if not _sees_all(acting):
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


def _request_note(of: Waiting) -> str:
    due = _("due %(day)s") % {"day": day(of.due)}
    return " · ".join([of.details["title"], of.details["owner"] or _("nobody yet"), due])


def _duties(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        deadlines.duties_for(user).filter(state=DutyState.SUBMITTED),
        "duty",
        label=F("company__name"),
        since="submitted_at",
        due="valid_until",
        name=F("kind__name"),
        name_en=F("kind__name_en"),
    )


def _duty_note(of: Waiting) -> str:
    name = of.details["name"] if korean() else of.details["name_en"]
    return _("%(kind)s, valid until %(day)s") % {"kind": name, "day": day(of.due)}


def _unclear_mails(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        mailing.unclear_for(user, now), "mail", label=F("address"), since="claimed_at", subject=F("subject")
    )


def _credit_note(of: Waiting) -> str:
    asked = _("%(project)s, %(amount)s PF·h") % {
        "project": of.details["project"],
        "amount": pfh(of.details["gflop"]),
    }
    if not of.details["agreed"]:
        return asked
    agreed = _("%(person)s has agreed, another person must") % {"person": of.details["agreed"]}
    return f"{asked} · {agreed}"


def _unrecorded(user: Any, now: datetime, today: date) -> QuerySet:
    over = consulting.bookings_for(user).filter(state=BookingState.BOOKED, period__endswith__lte=now)
    return waiting(
        over,
        "attendance",
        label=F("company__name"),
        since="period__endswith",
        adviser=F("adviser__name"),
    )


def _consented(user: Any, now: datetime, today: date) -> QuerySet:
    agreed = matching.introductions_for(user).filter(state=IntroductionState.CONSENTED)
    return waiting(
        agreed,
        "introduction",
        label=F("company__name"),
        since=Coalesce(F("answered_at"), F("made_at")),
        firm=F("firm__name"),
    )


def _draft_runs(user: Any, now: datetime, today: date) -> QuerySet:
    """Drafts newer than what was published last: an older one was passed over."""
    runs = matching.runs_for(user)
    newer = runs.filter(state=RunState.PUBLISHED, run_at__gte=OuterRef("run_at"))
    drafts = runs.filter(state=RunState.DRAFT).exclude(Exists(newer))
    return waiting(drafts, "draft_run", label=F("weights_version"), since="run_at")


def _expired_invitations(user: Any, now: datetime, today: date) -> QuerySet:
    """That nobody accepted or took back, and that no newer one to the same address stands for."""
    invitations = people.invitations_for(user)
    newer = invitations.filter(
        email=OuterRef("email"), kind=OuterRef("kind"), revoked_at=None, created_at__gt=OuterRef("created_at")
    )
    expired = invitations.filter(
        accepted_at=None, revoked_at=None, sent_at__isnull=False, expires_at__lte=now
    )
    acting = acting_of(user)
    if not _sees_all(acting):
        kinds = [kind for group, kind in _INVITERS.items() if group in acting.groups]
        expired = expired.filter(kind__in=kinds)
    return waiting(
        expired.exclude(Exists(newer)),
        "invitation",
        label=F("name"),
        since="expires_at",
        scope=F("scope_label"),
    )


def _to_screen(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        intake.to_screen_for(user, now),
        "to_screen",
        label=F("applicant__name"),
        since="submitted_at",
        call=F("call__title"),
        number=F("number"),
    )


def _reviews_missing(user: Any, now: datetime, today: date) -> QuerySet:
    behind = intake.reviewers_behind_for(user)
    return waiting(
        behind,
        "reviews_missing",
        label=F("user__name"),
        since=F("oldest_open"),
        call=F("call__title"),
        left=F("open_reviews"),
    )


def _free_places(user: Any, now: datetime, today: date) -> QuerySet:
    return waiting(
        intake.places_free_for(user),
        "free_place",
        label=F("applicant__name"),
        since="place_free_at",
        call=F("call__title"),
    )


@dataclass(frozen=True)
class Rule:
    """One reason why something is in the inbox. `name` counts it, `title` says one thing of it in a sentence.

    What is an `alarm` is marked from its first day; of what has a `deadline` the days left are told, not its age.
    """

    kind: str
    groups: tuple[str, ...]
    things: Callable[[Any, datetime, date], QuerySet]
    name: Promise
    title: Promise
    note: Callable[[Waiting], str]
    action: Promise
    page: str
    query: str = ""
    alarm: bool = False
    deadline: bool = False


RULES: tuple[Rule, ...] = (
    Rule(
        "extension",
        (StaffGroup.LEASES,),
        _extensions,
        gettext_lazy("Extension requests"),
        gettext_lazy("%(label)s asks to extend its lease"),
        lambda of: _("%(place)s, until %(day)s") % {"place": _place(of), "day": day(of.due)},
        gettext_lazy("Decide the extension"),
        "leases_extensionrequest",
        "state__exact=open",
    ),
    Rule(
        "countersign",
        (StaffGroup.LEASES,),
        _countersignatures,
        gettext_lazy("Contracts to countersign"),
        gettext_lazy("%(label)s has signed its contract"),
        lambda of: _("%(place)s, from %(day)s") % {"place": _place(of), "day": day(of.due)},
        gettext_lazy("Countersign the contract"),
        "leases_lease",
        "state__exact=offered",
        deadline=True,
    ),
    Rule(
        "early_end",
        (StaffGroup.LEASES,),
        _early_ends,
        gettext_lazy("Requests to leave earlier"),
        gettext_lazy("%(label)s asks to leave earlier"),
        lambda of: _("%(place)s, until %(day)s") % {"place": _place(of), "day": day(of.due)},
        gettext_lazy("Decide the earlier end"),
        "leases_earlyend",
        "state__exact=open",
    ),
    Rule(
        "holdover",
        (StaffGroup.LEASES,),
        _holdovers,
        gettext_lazy("Stays after the end"),
        gettext_lazy("%(label)s has not cleared its space"),
        lambda of: _("%(place)s, to be clear by %(day)s") % {"place": _place(of), "day": day(of.due)},
        gettext_lazy("Resolve the stay"),
        "leases_holdover",
        "outcome__exact=",
        alarm=True,
    ),
    Rule(
        "to_screen",
        (StaffGroup.LEASES,),
        _to_screen,
        gettext_lazy("Applications to screen"),
        gettext_lazy("%(label)s applied and is not screened yet"),
        lambda of: f"{of.details['call']} #{of.details['number']}",
        gettext_lazy("Screen it"),
        "intake_application",
        "waits=screening",
    ),
    Rule(
        "reviews_missing",
        (StaffGroup.LEASES,),
        _reviews_missing,
        gettext_lazy("Reviews missing"),
        gettext_lazy("%(label)s has not scored everything yet"),
        lambda of: _("%(call)s, %(count)s left") % {"call": of.details["call"], "count": of.details["left"]},
        gettext_lazy("See the reviewer"),
        "intake_reviewer",
        "progress=behind",
    ),
    Rule(
        "free_place",
        (StaffGroup.LEASES,),
        _free_places,
        gettext_lazy("Free places for the waiting list"),
        gettext_lazy("A place is free for %(label)s"),
        lambda of: of.details["call"],
        gettext_lazy("Accept it"),
        "intake_application",
        "waits=place",
    ),
    Rule(
        "ending_lease",
        (StaffGroup.LEASES,),
        _ending_leases,
        gettext_lazy("Leases ending within 60 days"),
        gettext_lazy("The lease of %(label)s ends, and no extension is asked for"),
        lambda of: _("%(place)s, last day %(day)s") % {"place": _place(of), "day": day(of.due)},
        gettext_lazy("Open the lease"),
        "leases_lease",
        "ends=60",
        deadline=True,
    ),
    Rule(
        "admitted",
        (StaffGroup.LEASES,),
        _admitted,
        gettext_lazy("Admitted, not yet moved in"),
        gettext_lazy("%(label)s was admitted and has not moved in"),
        lambda of: _("First day %(day)s") % {"day": day(of.due)},
        gettext_lazy("Record the move"),
        "companies_residency",
        "state__exact=admitted",
    ),
    Rule(
        "request",
        HANDLERS,
        _requests,
        gettext_lazy("Requests of companies"),
        gettext_lazy("%(label)s reports a problem or a wish"),
        _request_note,
        gettext_lazy("Open the request"),
        "helpdesk_helprequest",
        "queue=turn",
    ),
    Rule(
        "duty",
        (StaffGroup.LEASES,),
        _duties,
        gettext_lazy("Evidence of duties"),
        gettext_lazy("%(label)s has sent in evidence of a duty"),
        _duty_note,
        gettext_lazy("Look at the evidence"),
        "deadlines_duty",
        f"state__exact={DutyState.SUBMITTED}",
    ),
    Rule(
        "mail",
        (StaffGroup.LEASES,),
        _unclear_mails,
        gettext_lazy("Mails of unclear fate"),
        gettext_lazy("Nobody knows whether a mail to %(label)s went out"),
        lambda of: of.details["subject"],
        gettext_lazy("Decide whether to send it again"),
        "mailing_mail",
        "delivery=unclear",
        alarm=True,
    ),
    Rule(
        "credit_request",
        (StaffGroup.CREDITS,),
        _credit_requests,
        gettext_lazy("Requests for credits"),
        gettext_lazy("%(label)s asks for credits"),
        _credit_note,
        gettext_lazy("Decide the request"),
        "compute_grantrequest",
        "decision=open",
    ),
    Rule(
        "exemption",
        (StaffGroup.CREDITS,),
        _exemptions,
        gettext_lazy("Exemptions asked for"),
        gettext_lazy("%(label)s asks to keep its unused credits"),
        lambda of: _("%(amount)s PF·h were to be taken back") % {"amount": pfh(of.details["gflop"])},
        gettext_lazy("Decide the exemption"),
        "compute_clawbacknotice",
        f"state__exact={NoticeState.EXEMPTION_ASKED}",
    ),
    Rule(
        "claw_back",
        (StaffGroup.CREDITS,),
        _due_claw_backs,
        gettext_lazy("Claw-backs to carry out"),
        gettext_lazy("The time of %(label)s to answer the notice is over"),
        lambda of: (
            _("%(amount)s PF·h, deadline %(day)s") % {"amount": pfh(of.details["gflop"]), "day": day(of.due)}
        ),
        gettext_lazy("Take back"),
        "compute_clawbacknotice",
        f"state__exact={NoticeState.OPEN}",
    ),
    Rule(
        "suspense",
        (StaffGroup.CREDITS,),
        _suspense,
        gettext_lazy("Usage of unknown accounts"),
        gettext_lazy("Nobody is known to own the cluster account %(label)s"),
        lambda of: (
            _("%(amount)s PF·h on %(cluster)s wait to be charged")
            % {"amount": pfh(of.details["gflop"]), "cluster": of.details["cluster"]}
        ),
        gettext_lazy("Assign the account"),
        "compute_creditaccount",
        "kind__exact=suspense",
        alarm=True,
    ),
    Rule(
        "debt",
        (StaffGroup.CREDITS,),
        _debts,
        gettext_lazy("Companies in debt"),
        gettext_lazy("%(label)s has used more credits than it was granted"),
        lambda of: _("%(amount)s PF·h beyond its grants") % {"amount": pfh(of.details["gflop"])},
        gettext_lazy("Open the account"),
        "compute_creditaccount",
        "kind__exact=debt",
        alarm=True,
    ),
    Rule(
        "failed_import",
        (StaffGroup.CREDITS,),
        _failed_imports,
        gettext_lazy("Failed usage imports"),
        gettext_lazy("The usage file %(label)s could not be read"),
        lambda of: f"{of.details['cluster']} · {of.details['failure']}",
        gettext_lazy("Look at the import"),
        "compute_usageimport",
        "state__exact=failed",
        alarm=True,
    ),
    Rule(
        "difference",
        (StaffGroup.CREDITS,),
        _differences,
        gettext_lazy("Usage that differs from the scheduler's own total"),
        gettext_lazy("Our records of %(label)s and the scheduler's own total differ"),
        lambda of: (
            _("%(count)s totals of the window from %(moment)s")
            % {"count": of.details["totals"], "moment": moment(datetime.fromisoformat(of.details["first"]))}
        ),
        gettext_lazy("Find the difference"),
        "compute_reconciliation",
        "ok__exact=0",
        alarm=True,
    ),
    Rule(
        "late_usage",
        (StaffGroup.CREDITS,),
        _late_usage,
        gettext_lazy("Clusters whose usage is late"),
        gettext_lazy("No usage of %(label)s has come in for a while"),
        lambda of: _("last on %(moment)s") % {"moment": moment(of.since)},
        gettext_lazy("Open the cluster"),
        "compute_cluster",
        alarm=True,
    ),
    Rule(
        "failed_sync",
        (StaffGroup.CREDITS,),
        _failed_syncs,
        gettext_lazy("Limits that could not be written"),
        gettext_lazy("The limits of %(label)s do not follow the credits"),
        lambda of: of.details["failure"],
        gettext_lazy("Look at the sync"),
        "compute_limitsync",
        "state__exact=failed",
        alarm=True,
    ),
    Rule(
        "attendance",
        (StaffGroup.CONSULTING,),
        _unrecorded,
        gettext_lazy("Sessions without attendance"),
        gettext_lazy("Nobody has recorded whether %(label)s came to its session"),
        lambda of: f"{of.details['adviser']} · {day(of.since)}",
        gettext_lazy("Record attendance"),
        "consulting_booking",
        "state__exact=booked&when=past",
    ),
    Rule(
        "introduction",
        (StaffGroup.MATCHING,),
        _consented,
        gettext_lazy("Introductions agreed to"),
        gettext_lazy("%(label)s agreed to be introduced"),
        lambda of: _("to %(firm)s") % {"firm": of.details["firm"]},
        gettext_lazy("Make the introduction"),
        "matching_introduction",
        "state__exact=consented",
    ),
    Rule(
        "draft_run",
        (StaffGroup.MATCHING,),
        _draft_runs,
        gettext_lazy("Matching runs to publish"),
        gettext_lazy("A matching run waits to be published"),
        lambda of: day(of.since),
        gettext_lazy("Check and publish"),
        "matching_matchrun",
        "state__exact=draft",
    ),
    Rule(
        "invitation",
        (StaffGroup.LEASES, StaffGroup.CONSULTING, StaffGroup.MATCHING),
        _expired_invitations,
        gettext_lazy("Expired invitations"),
        gettext_lazy("The invitation of %(label)s has expired"),
        lambda of: " · ".join(
            filter(None, [of.details["scope"], _("valid until %(day)s") % {"day": day(of.since)}])
        ),
        gettext_lazy("Invite again"),
        "accounts_invitation",
        "state=expired",
    ),
)
_BY_KIND = {rule.kind: rule for rule in RULES}


def _sees_all(acting: Acting) -> bool:
    """The director decides everything, the auditor looks at everything."""
    return bool(acting.groups & {StaffGroup.DIRECTOR, StaffGroup.AUDITOR})


def rules_of(user: Any) -> list[Rule]:
    """The rules that concern the person's staff groups."""
    acting = acting_of(user)
    return [rule for rule in RULES if _sees_all(acting) or acting.groups & set(rule.groups)]


@dataclass(frozen=True)
class Entry:
    """One line of the inbox. `days` is the how-manieth day it waits, `age` that in words, or the days to a deadline;
    `mark` a kind of state."""

    kind: str
    object_id: int
    title: str
    note: str
    days: int
    age: str
    mark: str
    url: str
    action: str
    is_deadline: bool = False


@dataclass(frozen=True)
class Sort:
    """How many of one kind wait, and where all of them are."""

    name: str
    count: int
    url: str

    @property
    def shown(self) -> str:
        return number(self.count)


@dataclass(frozen=True)
class Inbox:
    """What waits for a person's decision: the first entries, what waits longest first, and how many of each kind."""

    entries: Sequence[Entry]
    sorts: Sequence[Sort]

    @property
    def total(self) -> int:
        return sum(each.count for each in self.sorts)

    @property
    def hidden(self) -> int:
        return self.total - len(self.entries)

    @property
    def oldest_days(self) -> int:
        """How long the oldest waits that no deadline decides."""
        return max((entry.days for entry in self.entries if not entry.is_deadline), default=0)


def inbox_of(user: Any, now: datetime, today: date) -> Inbox:
    """What waits for the person's staff groups, in one query."""
    found = read(rule.things(user, now, today) for rule in rules_of(user))
    totals = {each.kind: each.total for each in found}
    sorts = [Sort(str(rule.name), totals[rule.kind], _listed(rule)) for rule in RULES if rule.kind in totals]
    return Inbox([_entry(each, today) for each in found[:SHOWN]], sorts)


def with_shortfall(inbox: Inbox, user: Any, shortfall: Shortfall | None, today: date) -> Inbox:
    """The inbox with the warning that too little of the area is or will be let, first of all, for who decides on leases."""
    acting = acting_of(user)
    if shortfall is None or not (_sees_all(acting) or StaffGroup.LEASES in acting.groups):
        return inbox
    begun = shortfall.first <= today
    title = (
        _("Less than 60%% of the area is let since %(day)s")
        if begun
        else _("From %(day)s less than 60%% of the area would be let")
    )
    entry = Entry(
        kind="shortfall",
        object_id=0,
        title=title % {"day": day(shortfall.first)},
        note=_("Three months of it, a legal warning sign, are complete on %(day)s")
        % {"day": day(shortfall.sign_on)},
        days=(today - shortfall.first).days + 1 if begun else 1,
        age=dday(shortfall.sign_on, today),
        mark="attention",
        url=reverse("reporting:occupancy"),
        action=_("See the occupancy"),
        is_deadline=True,
    )
    sort = Sort(_("Occupancy too low"), 1, entry.url)
    return Inbox([entry, *inbox.entries], [sort, *inbox.sorts])


def _listed(rule: Rule) -> str:
    url = reverse(f"admin:{rule.page}_changelist")
    return f"{url}?{rule.query}" if rule.query else url


def _entry(of: Waiting, today: date) -> Entry:
    rule = _BY_KIND[of.kind]
    return Entry(
        kind=of.kind,
        object_id=of.object_id,
        title=str(rule.title) % {"label": of.label},
        note=rule.note(of),
        days=of.day(today),
        age=_age(rule, of, today),
        mark="attention" if rule.alarm or _is_late(of, today) else "waiting",
        url=reverse(f"admin:{rule.page}_change", args=[of.object_id]),
        action=str(rule.action),
        is_deadline=rule.deadline,
    )


def _age(rule: Rule, of: Waiting, today: date) -> str:
    days = of.day(today)
    if rule.deadline:
        return dday(of.due, today)
    return _("since today") if days == 1 else _("day %(days)s") % {"days": days}


def _is_late(of: Waiting, today: date) -> bool:
    if of.kind == "ending_lease":
        return of.due is not None and (of.due - today).days <= NEAR_END_DAYS
    if of.kind == "request":
        return of.due is not None and of.due < today
    return of.day(today) > LATE_DAYS
