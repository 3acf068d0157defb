"""Bringing a company and a firm together: asked by a manager, opened by the company, followed to its outcome."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from investors.firms.models import Firm
from investors.matching import rules
from investors.matching.consent import TEXT_VERSION, consent_text
from investors.matching.enums import DisclosureItem, IntroductionState, MatchState
from investors.matching.errors import (
    CompanyHidden,
    DisclosureClosed,
    IntroductionAnswered,
    IntroductionExists,
    ItemsMissing,
    MatchDecided,
    ReasonMissing,
    UnknownItems,
    UntilPast,
)
from investors.matching.models import REASON_LIMIT, DisclosureGrant, Introduction, Match
from tenants.companies.models import Company

from .mails import mail_owners
from .steps import locked, note_step

SHOWN_FOR = timedelta(days=180)


@transaction.atomic
def introduce(
    *,
    match: Match,
    items: Iterable[str],
    message: str,
    actor: Any,
    now: datetime,
    until: date | None = None,
) -> Introduction:
    """Ask the company whether the firm of this match may see `items` (DisclosureItem) until a day, included.

    Its owners are told by e-mail in their language; the firm hears nothing before the company agrees. `until` is half a
    year from now unless given. Raises NotAllowed, ItemsMissing, UnknownItems, UntilPast, MatchDecided, Invalid,
    IntroductionExists.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    today = timezone.localdate(now)
    until = until or today + SHOWN_FOR
    if until < today:
        raise UntilPast
    match = Match.objects.select_for_update(of=("self",)).select_related("company", "firm").get(pk=match.pk)
    if match.state == MatchState.DISMISSED:
        raise MatchDecided
    introduction = _asked(match.company, match.firm, match, items, message, until, actor, now)
    match.state, match.decided_by, match.decided_at = MatchState.INTRODUCED, actor, now
    match.save(update_fields=["state", "decided_by", "decided_at"])
    return introduction


@transaction.atomic
def introduce_pair(
    *,
    company: Company,
    firm: Firm,
    items: Iterable[str],
    message: str,
    actor: Any,
    now: datetime,
    until: date | None = None,
) -> Introduction:
    """As `introduce`, for two who found each other without a match, at a demo day."""
    if not rules.may_match(actor):
        raise NotAllowed
    return _asked(
        company, firm, None, items, message, until or timezone.localdate(now) + SHOWN_FOR, actor, now
    )


def _asked(
    company: Company,
    firm: Firm,
    match: Match | None,
    items: Iterable[str],
    message: str,
    until: date,
    actor: Any,
    now: datetime,
) -> Introduction:
    introduction = Introduction(
        match=match,
        company=company,
        firm=firm,
        items=_ordered(items, DisclosureItem.values),
        until=until,
        message=message.strip(),
        made_by=actor,
        made_at=now,
        changed_at=now,
    )
    validate(introduction)
    with refusing({"matching_one_live_introduction": IntroductionExists}):
        introduction.save()
    note_step(introduction, actor=actor, now=now)
    mail_owners(introduction, template="introduction_asked", key="asked", now=now)
    return introduction


def _ordered(items: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """The items without repeats, in the order of the codes. Raises ItemsMissing, UnknownItems."""
    chosen, allowed = set(items), set(allowed)
    if not chosen:
        raise ItemsMissing
    if chosen - allowed:
        raise UnknownItems
    return [code for code in DisclosureItem.values if code in chosen]


@transaction.atomic
def answer_introduction(
    *,
    introduction: Introduction,
    consent: bool,
    actor: Any,
    now: datetime,
    items: Iterable[str] | None = None,
    reason: str = "",
) -> Introduction:
    """The company agrees, to all items asked for or to some of them, or declines; the firm never hears of a refusal.

    Agreeing opens the items at once and keeps the words agreed to, in the language in which they were read.
    Raises NotAllowed, IntroductionAnswered, CompanyHidden, ItemsMissing, UnknownItems, UntilPast.
    """
    if not rules.may_answer(actor, introduction):
        raise NotAllowed
    introduction = locked(introduction)
    if introduction.state != IntroductionState.ASKED:
        raise IntroductionAnswered
    introduction.answered_at = introduction.changed_at = now
    if not consent:
        introduction.state = IntroductionState.DECLINED
        introduction.note = reason.strip()[:REASON_LIMIT]
        introduction.save(update_fields=["state", "note", "answered_at", "changed_at", "updated_at"])
        note_step(introduction, actor=actor, now=now)
        return introduction
    company = Company.objects.get(pk=introduction.company_id)
    chosen = _ordered(introduction.items if items is None else items, introduction.items)
    today = timezone.localdate(now)
    if introduction.until < today:
        raise UntilPast
    if not company.visible_to_investors:
        raise CompanyHidden
    firm_name = Firm.objects.values_list("name", flat=True).get(pk=introduction.firm_id)
    introduction.state = IntroductionState.CONSENTED
    introduction.save(update_fields=["state", "answered_at", "changed_at", "updated_at"])
    note_step(introduction, actor=actor, now=now)
    # A newer consent to the same firm takes the place of one that is still open.
    _close(DisclosureGrant.objects.filter(company=company, firm_id=introduction.firm_id), today, now)
    DisclosureGrant.objects.create(
        introduction=introduction,
        company=company,
        firm_id=introduction.firm_id,
        items=chosen,
        text_version=TEXT_VERSION,
        text=consent_text(
            company_name=company.name, firm_name=firm_name, items=chosen, until=introduction.until
        ),
        granted_by=actor,
        granted_at=now,
        since=today,
        until=introduction.until,
    )
    return introduction


def _close(disclosures: Any, today: date, now: datetime) -> None:
    disclosures.live(today).update(withdrawn_at=now)


@transaction.atomic
def withdraw_disclosure(*, disclosure: DisclosureGrant, actor: Any, now: datetime) -> DisclosureGrant:
    """Close what was opened, at once; an introduction that is under way ends with it.

    Raises NotAllowed, DisclosureClosed.
    """
    if not rules.may_withdraw(actor, disclosure):
        raise NotAllowed
    changed = DisclosureGrant.objects.filter(pk=disclosure.pk, withdrawn_at=None).update(withdrawn_at=now)
    if not changed:
        raise DisclosureClosed
    disclosure.withdrawn_at = now
    ended = Introduction.objects.filter(pk=disclosure.introduction_id, state__in=Introduction.LIVE)
    if ended.update(state=IntroductionState.WITHDRAWN, changed_at=now, updated_at=now):
        note_step(Introduction.objects.get(pk=disclosure.introduction_id), actor=actor, now=now)
    return disclosure


@transaction.atomic
def call_off_introduction(
    *, introduction: Introduction, reason: str, actor: Any, now: datetime
) -> Introduction:
    """The camp ends an introduction that is under way; what the company had opened for it closes at once.

    Raises NotAllowed, ReasonMissing, IntroductionAnswered.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    introduction = locked(introduction)
    if introduction.state not in Introduction.LIVE:
        raise IntroductionAnswered
    introduction.state, introduction.changed_at = IntroductionState.WITHDRAWN, now
    introduction.note = reason.strip()[:REASON_LIMIT]
    introduction.save(update_fields=["state", "note", "changed_at", "updated_at"])
    note_step(introduction, actor=actor, now=now)
    _close(introduction.disclosures.all(), timezone.localdate(now), now)
    return introduction
