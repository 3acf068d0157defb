"""An introduction after the company agreed: the firm is told, they meet, and something comes of it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.uploads import checked_document
from investors.firms.models import Holding
from investors.firms.services import keep_holding, name_key
from investors.matching import links, rules
from investors.matching.enums import FOLLOWS, IntroductionState, PassReason
from investors.matching.errors import (
    DayAhead,
    InvestmentGone,
    InvestmentMissing,
    InvestmentTwice,
    OutcomeOutOfOrder,
    PassReasonMissing,
    ReasonMissing,
)
from investors.matching.models import REASON_LIMIT, Introduction, Investment
from investors.matching.policy import REMINDED_AFTER

from .mails import mail_firm, mail_owners
from .steps import locked, note_step

# They can meet from the moment the firm knows until the terms are on the table.
MEETING_STATES = (IntroductionState.SENT, IntroductionState.MET, IntroductionState.CONTINUING)


def _forward(
    introduction: Introduction, state: str, actor: Any, now: datetime, on: date | None = None
) -> None:
    if state not in FOLLOWS.get(introduction.state, ()):
        raise OutcomeOutOfOrder(state=introduction.get_state_display())
    if on and on > timezone.localdate(now):
        raise DayAhead
    introduction.state, introduction.changed_at = state, now
    introduction.save()
    note_step(introduction, actor=actor, now=now, on=on)


@transaction.atomic
def tell_firm(*, introduction: Introduction, message: str = "", actor: Any, now: datetime) -> Introduction:
    """Send the firm's people and its contact a link to the company's read-only page, which is good for two weeks.

    Raises NotAllowed, OutcomeOutOfOrder.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    introduction = locked(introduction)
    _forward(introduction, IntroductionState.SENT, actor, now)
    url = settings.PUBLIC_URL + reverse("invest:link", args=[links.make_link(introduction.pk, now=now)])
    mail_firm(
        introduction,
        template="introduction_told",
        key="told",
        now=now,
        url=url,
        message=message.strip(),
        good_until=timezone.localdate(now + links.GOOD_FOR),
    )
    return introduction


@transaction.atomic
def record_outcome(
    *,
    introduction: Introduction,
    state: str,
    note: str = "",
    pass_reason: str = "",
    on: date | None = None,
    actor: Any,
    now: datetime,
) -> Introduction:
    """What became of an introduction that the company agreed to, forward only; `on` is the day on which it happened.

    A pass needs its reason (PassReason), and money goes through `record_investment`. Raises NotAllowed, OutcomeOutOfOrder,
    PassReasonMissing, InvestmentMissing, DayAhead.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    introduction = locked(introduction)
    if state == IntroductionState.INVESTED:
        raise InvestmentMissing
    if (state == IntroductionState.PASSED) != (pass_reason in PassReason.values):
        raise PassReasonMissing
    introduction.note, introduction.pass_reason = note.strip()[:REASON_LIMIT], pass_reason
    _forward(introduction, state, actor, now, on)
    return introduction


@transaction.atomic
def arrange_meeting(
    *, introduction: Introduction, meets_at: datetime, meets_where: str, actor: Any, now: datetime
) -> Introduction:
    """Say when and where the two meet; both are told, and told again when it changes.

    Raises NotAllowed, OutcomeOutOfOrder (the firm has not been told yet, or it has ended), Invalid.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    introduction = locked(introduction)
    if introduction.state not in MEETING_STATES:
        raise OutcomeOutOfOrder(state=introduction.get_state_display())
    introduction.meets_at, introduction.meets_where = meets_at, meets_where.strip()
    validate(introduction, exclude={"match", "company", "firm", "made_by"})
    introduction.save(update_fields=["meets_at", "meets_where", "updated_at"])
    key = f"meets/{meets_at:%Y%m%d%H%M}"
    for tell in (mail_owners, mail_firm):
        tell(introduction, template="introduction_meets", key=key, now=now)
    return introduction


@transaction.atomic
def record_investment(
    *,
    introduction: Introduction,
    invested_on: date,
    funding_round: str,
    amount_krw: int,
    evidence: Any = None,
    note: str = "",
    actor: Any,
    now: datetime,
) -> Investment:
    """Write down what was invested; the first time, the introduction has come to its end. The firm holds the company from then
    on, so they are never matched again.

    Raises NotAllowed, OutcomeOutOfOrder, DayAhead, InvestmentTwice, Invalid, and what `checked_document` raises.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    introduction = locked(introduction)
    if invested_on > timezone.localdate(now):
        raise DayAhead(field="invested_on")
    if introduction.state != IntroductionState.INVESTED:
        introduction.note = note.strip()[:REASON_LIMIT]
        _forward(introduction, IntroductionState.INVESTED, actor, now, invested_on)
    investment = Investment(
        introduction=introduction,
        company_id=introduction.company_id,
        firm_id=introduction.firm_id,
        invested_on=invested_on,
        funding_round=funding_round,
        amount_krw=amount_krw,
        note=note.strip(),
        recorded_by=actor if getattr(actor, "pk", None) else None,
        recorded_at=now,
    )
    if evidence:
        kept = checked_document(evidence)
        investment.evidence, investment.evidence_name = kept.file, kept.name
        investment.evidence_type = kept.content_type
    validate(investment, exclude={"introduction", "company", "firm", "recorded_by"})
    with refusing({"matching_investment_once": InvestmentTwice}):
        investment.save()
    company_name = introduction.company.name
    if not introduction.firm.holdings.filter(name_key=name_key(company_name)).exists():
        keep_holding(holding=Holding(firm=introduction.firm), company_name=company_name, actor=actor)
    return investment


@transaction.atomic
def take_back_investment(*, investment: Investment, reason: str, actor: Any, now: datetime) -> Investment:
    """It was entered in error. It stays with the reason, and counts no more. Raises NotAllowed, ReasonMissing, InvestmentGone."""
    if not rules.may_match(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    current = Investment.objects.select_for_update(of=("self",)).get(pk=investment.pk)
    if current.taken_back_at:
        raise InvestmentGone
    current.taken_back_at, current.taken_back_by = now, actor if getattr(actor, "pk", None) else None
    current.taken_back_reason = reason.strip()[:REASON_LIMIT]
    current.save(update_fields=["taken_back_at", "taken_back_by", "taken_back_reason"])
    return current


def follow_introductions(*, now: datetime) -> int:
    """Remind owners who have not answered, both sides of a meeting of the next day, and end what can no longer be answered;
    how many mails were written. Run late or twice, nobody is told anything twice."""
    return _remind(now) + _remind_of_meetings(now) + _lapse(now)


@transaction.atomic
def _remind(now: datetime) -> int:
    told, today = 0, timezone.localdate(now)
    asked = Introduction.objects.filter(state=IntroductionState.ASKED, until__gte=today)
    for introduction in asked.select_related("company", "firm").order_by("pk"):
        age = (today - timezone.localdate(introduction.made_at)).days
        due = [days for days in REMINDED_AFTER if days <= age]
        if due:
            told += mail_owners(
                introduction, template="introduction_waits", key=f"waits/{due[-1]}", now=now, days=age
            )
    return told


@transaction.atomic
def _remind_of_meetings(now: datetime) -> int:
    told = 0
    soon = Introduction.objects.filter(
        state__in=Introduction.LIVE, meets_at__gt=now, meets_at__lte=now + timedelta(days=1)
    )
    for introduction in soon.select_related("company", "firm").order_by("pk"):
        key = f"soon/{introduction.meets_at:%Y%m%d%H%M}"
        for tell in (mail_owners, mail_firm):
            told += tell(introduction, template="introduction_meets", key=key, now=now, soon=True)
    return told


@transaction.atomic
def _lapse(now: datetime) -> int:
    """The day until which the items would have been shown has passed without an answer."""
    over = Introduction.objects.select_for_update(of=("self",)).filter(
        state=IntroductionState.ASKED, until__lt=timezone.localdate(now)
    )
    for introduction in over.order_by("pk"):
        introduction.state, introduction.changed_at = IntroductionState.LAPSED, now
        introduction.save(update_fields=["state", "changed_at", "updated_at"])
        note_step(introduction, actor=None, now=now)
    return 0
