"""What waits for a founder, from every domain, in one query."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Value
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from incubator.common.display import day_short, pfh
from incubator.common.waiting import Waiting, read, waiting
from investors.matching import selectors as matching
from investors.matching.enums import DisclosureItem, IntroductionState
from tenants.compute import selectors as compute
from tenants.compute.enums import OPEN_REQUEST_STATES, NoticeState
from tenants.consulting import selectors as consulting
from tenants.consulting.enums import Side as StepOwner
from tenants.leases import selectors as leases
from tenants.leases.enums import ExtensionState, LeaseState, SigningSide
from tenants.leases.models import Building, Space
from tenants.leases.selectors import contracts
from tenants.outcomes import selectors as outcomes
from tenants.outcomes.enums import ReportState

LATE_DAYS = 7
PRESSING_DAYS = 7
NOTE_LENGTH = 60
SHOWN = 8


@dataclass(frozen=True)
class Todo:
    """One thing that waits, as `{% todo_list %}` shows it. `mine`: the company has to do it; otherwise it waits for others."""

    kind: str
    title: str
    note: str
    url: str
    action: str
    mine: bool = True


@dataclass(frozen=True)
class Form:
    """How one kind of waiting thing is said."""

    title: Promise
    note: Callable[[Waiting], list[str]]
    action: Promise
    url: Callable[[Waiting], str]
    mine: bool = True


def waiting_for(user: Any, today: date) -> list[Waiting]:
    """All that waits for the person's company, or that the company waits for, oldest first, in one query."""
    asked = matching.introductions_for(user).filter(state=IntroductionState.ASKED)
    signed = contracts.signatures_for(user).filter(contract__lease=OuterRef("pk"), side=SigningSide.COMPANY)
    superseded = contracts.contracts_for(user).filter(
        lease=OuterRef("contract__lease"), number__gt=OuterRef("contract__number")
    )
    offers = (
        leases.leases_for(user)
        .filter(state=LeaseState.OFFERED)
        .exclude(Exists(signed.exclude(Exists(superseded))))
    )
    extensions = leases.extension_requests_for(user).filter(state=ExtensionState.OPEN)
    credits_asked = compute.requests.grant_requests_for(user).filter(state__in=OPEN_REQUEST_STATES)
    announced = compute.requests.notices_for(user).filter(state=NoticeState.OPEN, deadline__gte=today)
    own = outcomes.reports_for(user).filter(period=OuterRef("pk"))
    due = (
        outcomes.periods_for(user)
        .filter(closed_at=None, period__endswith__lte=today)
        .exclude(Exists(own.filter(state=ReportState.SUBMITTED)))
    )
    steps = consulting.steps_for(user).open().filter(owner=StepOwner.COMPANY)
    return read(
        [
            waiting(asked, "consent", label=F("firm__name"), since="made_at", items=F("items")),
            waiting(
                offers,
                "offer",
                label=F("space__code"),
                since="updated_at",
                space=F("space__code"),
                space_kind=F("space__kind"),
                building=F("space__building__name"),
                building_en=F("space__building__name_en"),
            ),
            waiting(extensions, "extension", label=Value(""), since="asked_at", due=F("until")),
            waiting(
                credits_asked,
                "credits",
                label=F("project"),
                since="asked_at",
                gflop=F("amount_gflop"),
            ),
            waiting(
                announced.filter(asked_at=None),
                "claw_back",
                label=F("lot__programme"),
                since="sent_at",
                due=F("deadline"),
                gflop=F("proposed_gflop"),
            ),
            waiting(
                due,
                "outcome",
                label=F("name"),
                since="period__endswith",
                due=F("due_on"),
                name_en=F("name_en"),
                begun=Exists(own),
            ),
            waiting(
                steps,
                "step",
                label=F("adviser__name"),
                since="agreed_at",
                due="due_on",
                text=F("text"),
                session=F("report"),
            ),
        ]
    )


def _items(of: Waiting) -> list[str]:
    labels = [str(DisclosureItem(code).label) for code in of.details["items"]]
    return [of.label, ", ".join(labels)]


def _place(of: Waiting) -> list[str]:
    building = Building(name=of.details["building"], name_en=of.details["building_en"])
    return [Space(building=building, code=of.details["space"], kind=of.details["space_kind"]).place]


def _until(of: Waiting) -> list[str]:
    return [_("until %(day)s") % {"day": day_short(of.due)}]


def _amount(of: Waiting) -> list[str]:
    return [of.label, _("%(amount)s PF·h") % {"amount": pfh(of.details["gflop"])}]


def _answer(of: Waiting) -> list[str]:
    return [*_amount(of), *_until(of)]


def _report(of: Waiting) -> list[str]:
    begun = _("a draft is saved") if of.details["begun"] else _("about three minutes")
    return [begun, _("due %(day)s") % {"day": day_short(of.due)}]


def _step(of: Waiting) -> list[str]:
    text = " ".join(of.details["text"].split())
    until = [_("due %(day)s") % {"day": day_short(of.due)}] if of.due else []
    return [of.label, text if len(text) <= NOTE_LENGTH else f"{text[: NOTE_LENGTH - 1]}…", *until]


def _period_name(of: Waiting) -> str:
    return of.details["name_en"] if get_language() == "en" else of.label


FORMS: dict[str, Form] = {
    "consent": Form(
        gettext_lazy("Please decide what an investor may see"),
        _items,
        gettext_lazy("Look at the request"),
        lambda of: f"{reverse('matching:home')}#introduction-{of.object_id}",
    ),
    "offer": Form(
        gettext_lazy("Please sign the lease that is offered to you"),
        _place,
        gettext_lazy("Read and sign the contract"),
        lambda of: reverse("leases:contract"),
    ),
    "extension": Form(
        gettext_lazy("Your request to extend the lease is under review"),
        _until,
        gettext_lazy("See the request"),
        lambda of: reverse("leases:home"),
        mine=False,
    ),
    "credits": Form(
        gettext_lazy("Your request for credits is under review"),
        _amount,
        gettext_lazy("See the request"),
        lambda of: reverse("compute:request", args=[of.object_id]),
        mine=False,
    ),
    "claw_back": Form(
        gettext_lazy("Unused credits are to be taken back"),
        _answer,
        gettext_lazy("Read the notice"),
        lambda of: reverse("compute:notice", args=[of.object_id]),
    ),
    "outcome": Form(
        gettext_lazy("Please submit the outcome report: %(label)s"),
        _report,
        gettext_lazy("Fill in the report"),
        lambda of: reverse("outcomes:report", args=[of.object_id]),
    ),
    "step": Form(
        gettext_lazy("Please take the next step that was agreed"),
        _step,
        gettext_lazy("Read the advice"),
        lambda of: reverse("consulting:booking", args=[of.details["session"]]),
    ),
}


def todos(found: Sequence[Waiting], today: date) -> Iterator[Todo]:
    """The things in their words, in the order in which they are given."""
    for each in found:
        form = FORMS[each.kind]
        label = _period_name(each) if each.kind == "outcome" else each.label
        yield Todo(
            kind=_mark(each, form, today),
            title=str(form.title) % {"label": label} if "%(" in str(form.title) else str(form.title),
            note=" · ".join(filter(None, [*form.note(each), _waited(each, today)])),
            url=form.url(each),
            action=str(form.action),
            mine=form.mine,
        )


def _waited(of: Waiting, today: date) -> str:
    days = of.day(today)
    if of.kind == "outcome" or days == 1:
        return ""
    return _("day %(days)s") % {"days": days}


def _mark(of: Waiting, form: Form, today: date) -> str:
    if not form.mine:
        return "progress"
    if of.kind == "step" and of.due is not None:
        return "attention" if of.due < today else "waiting"
    if of.kind == "outcome":
        return "attention" if of.due is not None and of.due - today < timedelta(PRESSING_DAYS) else "waiting"
    return "attention" if of.day(today) > LATE_DAYS else "waiting"
