"""Every reason why something is in the inbox: whose it is, how it is told, and where it is decided."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.accounts.enums import StaffGroup
from incubator.common.display import day, moment, pfh
from incubator.common.waiting import Waiting
from investors.matching.enums import IntroductionState
from tenants.compute.enums import NoticeState
from tenants.deadlines.enums import DutyState
from tenants.helpdesk.rules import HANDLERS

from . import things


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
        things.extensions,
        gettext_lazy("Extension requests"),
        gettext_lazy("%(label)s asks to extend its lease"),
        lambda of: _("%(place)s, until %(day)s") % {"place": things.place(of), "day": day(of.due)},
        gettext_lazy("Decide the extension"),
        "leases_extensionrequest",
        "state__exact=open",
    ),
    Rule(
        "countersign",
        (StaffGroup.LEASES,),
        things.countersignatures,
        gettext_lazy("Contracts to countersign"),
        gettext_lazy("%(label)s has signed its contract"),
        lambda of: _("%(place)s, from %(day)s") % {"place": things.place(of), "day": day(of.due)},
        gettext_lazy("Countersign the contract"),
        "leases_lease",
        "state__exact=offered",
        deadline=True,
    ),
    Rule(
        "early_end",
        (StaffGroup.LEASES,),
        things.early_ends,
        gettext_lazy("Requests to leave earlier"),
        gettext_lazy("%(label)s asks to leave earlier"),
        lambda of: _("%(place)s, until %(day)s") % {"place": things.place(of), "day": day(of.due)},
        gettext_lazy("Decide the earlier end"),
        "leases_earlyend",
        "state__exact=open",
    ),
    Rule(
        "holdover",
        (StaffGroup.LEASES,),
        things.holdovers,
        gettext_lazy("Stays after the end"),
        gettext_lazy("%(label)s has not cleared its space"),
        lambda of: _("%(place)s, to be clear by %(day)s") % {"place": things.place(of), "day": day(of.due)},
        gettext_lazy("Resolve the stay"),
        "leases_holdover",
        "outcome__exact=",
        alarm=True,
    ),
    Rule(
        "to_screen",
        (StaffGroup.LEASES,),
        things.to_screen,
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
        things.reviews_missing,
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
        things.free_places,
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
        things.ending_leases,
        gettext_lazy("Leases ending within 60 days"),
        gettext_lazy("The lease of %(label)s ends, and no extension is asked for"),
        lambda of: _("%(place)s, last day %(day)s") % {"place": things.place(of), "day": day(of.due)},
        gettext_lazy("Open the lease"),
        "leases_lease",
        "ends=60",
        deadline=True,
    ),
    Rule(
        "admitted",
        (StaffGroup.LEASES,),
        things.admitted,
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
        things.requests,
        gettext_lazy("Requests of companies"),
        gettext_lazy("%(label)s reports a problem or a wish"),
        things.request_note,
        gettext_lazy("Open the request"),
        "helpdesk_helprequest",
        "queue=turn",
    ),
    Rule(
        "duty",
        (StaffGroup.LEASES,),
        things.duties,
        gettext_lazy("Evidence of duties"),
        gettext_lazy("%(label)s has sent in evidence of a duty"),
        things.duty_note,
        gettext_lazy("Look at the evidence"),
        "deadlines_duty",
        f"state__exact={DutyState.SUBMITTED}",
    ),
    Rule(
        "mail",
        (StaffGroup.LEASES,),
        things.unclear_mails,
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
        things.credit_requests,
        gettext_lazy("Requests for credits"),
        gettext_lazy("%(label)s asks for credits"),
        things.credit_note,
        gettext_lazy("Decide the request"),
        "compute_grantrequest",
        "decision=open",
    ),
    Rule(
        "exemption",
        (StaffGroup.CREDITS,),
        things.exemptions,
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
        things.due_claw_backs,
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
        things.suspense,
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
        things.debts,
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
        things.failed_imports,
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
        things.differences,
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
        things.late_usage,
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
        things.failed_syncs,
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
        things.unrecorded,
        gettext_lazy("Sessions without attendance"),
        gettext_lazy("Nobody has recorded whether %(label)s came to its session"),
        lambda of: f"{of.details['adviser']} · {day(of.since)}",
        gettext_lazy("Record attendance"),
        "consulting_booking",
        "state__exact=booked&when=past",
    ),
    Rule(
        "unreported",
        (StaffGroup.CONSULTING,),
        things.unreported,
        gettext_lazy("Session reports missing for a week"),
        gettext_lazy("%(label)s has not written the report of a session"),
        lambda of: f"{of.details['company']} · {day(of.since)}",
        gettext_lazy("Open the session"),
        "consulting_booking",
        "report=late",
    ),
    Rule(
        "office_step",
        (StaffGroup.CONSULTING,),
        things.office_steps,
        gettext_lazy("Next steps of the camp office"),
        gettext_lazy("The camp office has promised %(label)s something in a session"),
        things.office_step_note,
        gettext_lazy("Open the step"),
        "consulting_nextstep",
        "state__exact=open&owner__exact=office",
    ),
    Rule(
        "introduction",
        (StaffGroup.MATCHING,),
        things.consented,
        gettext_lazy("Introductions agreed to"),
        gettext_lazy("%(label)s agreed to be introduced"),
        lambda of: _("to %(firm)s") % {"firm": of.details["firm"]},
        gettext_lazy("Make the introduction"),
        "matching_introduction",
        "state__exact=consented",
    ),
    Rule(
        "stuck_introduction",
        (StaffGroup.MATCHING,),
        things.stuck_introductions,
        gettext_lazy("Introductions that do not move"),
        gettext_lazy("The introduction of %(label)s does not move"),
        lambda of: " · ".join(
            [
                _("to %(firm)s") % {"firm": of.details["firm"]},
                str(IntroductionState(of.details["state"]).label),
                day(of.since),
            ]
        ),
        gettext_lazy("Ask how it stands"),
        "matching_introduction",
        "",
    ),
    Rule(
        "draft_run",
        (StaffGroup.MATCHING,),
        things.draft_runs,
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
        things.expired_invitations,
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
