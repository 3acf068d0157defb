"""Conflicts and wishes: a company's own in the portal, everybody's by the camp office."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, validate
from investors.firms.models import Firm
from investors.matching import rules, selectors
from investors.matching.enums import (
    DECLARABLE,
    OWN_WORD,
    RANKED,
    ConflictKind,
    ConflictState,
    PreferenceLevel,
    Side,
)
from investors.matching.errors import (
    ConflictDecided,
    DayMissing,
    DayPast,
    EvidenceMissing,
    FirmUnknown,
    KindNotDeclarable,
    RankMisplaced,
    TooManyMusts,
)
from investors.matching.limit_models import LAST_RANK, MOST_MUSTS
from investors.matching.models import Conflict, Participation, Preference
from tenants.companies.models import Company

_MUSTS_LOCK = 7_310


@transaction.atomic
def declare_conflict(
    *,
    company: Company,
    firm_id: int,
    kind: str,
    until: date | None = None,
    evidence: str = "",
    actor: Any,
    now: datetime,
) -> Conflict:
    """A company declines a firm until a day, or says what stands between them. The firm never hears of it.

    Its word alone counts for OWN_WORD; a rival, a common group or shares the office confirms first. Declared again, the
    day and the words are those said last. Raises NotAllowed, KindNotDeclarable, FirmUnknown, DayMissing, DayPast,
    EvidenceMissing, ConflictDecided.
    """
    if not rules.may_speak_for(actor, company):
        raise NotAllowed
    if kind not in DECLARABLE:
        raise KindNotDeclarable
    if firm_id not in selectors.firms_met_by(actor):
        raise FirmUnknown
    _check_day(kind, until, timezone.localdate(now))
    if kind == ConflictKind.RIVAL and not evidence.strip():
        raise EvidenceMissing
    known = Conflict.objects.filter(company=company, firm=firm_id, kind=kind, side=Side.COMPANY).first()
    if known is None:
        known = Conflict(
            company=company,
            firm_id=firm_id,
            kind=kind,
            side=Side.COMPANY,
            state=ConflictState.CONFIRMED if kind in OWN_WORD else ConflictState.PROPOSED,
            declared_by=actor,
        )
    elif known.decided_at is not None and known.state == ConflictState.REJECTED:
        raise ConflictDecided
    known.until, known.evidence = until, evidence.strip()
    _save_own(known, "until", "evidence")
    return known


def _save_own(row: Any, *columns: str) -> None:
    """A founder may change these columns and no others."""
    validate(row)
    row.save(**({} if row.pk is None else {"update_fields": [*columns, "updated_at"]}))


def _check_day(kind: str, until: date | None, today: date) -> None:
    if kind == ConflictKind.DECLINED and until is None:
        raise DayMissing
    if until is not None and until < today:
        raise DayPast


@transaction.atomic
def end_conflict(*, conflict: Conflict, actor: Any, now: datetime) -> Conflict:
    """What the company declared, or the office entered, holds no more from today. Raises NotAllowed."""
    own = conflict.side == Side.COMPANY and rules.may_speak_for(actor, conflict.company)
    if not own and not rules.may_match(actor):
        raise NotAllowed
    conflict.until = timezone.localdate(now) - timedelta(days=1)
    conflict.save(update_fields=["until", "updated_at"])
    return conflict


@transaction.atomic
def record_conflict(
    *,
    company: Company,
    firm: Firm,
    kind: str,
    evidence: str,
    until: date | None = None,
    actor: Any,
    now: datetime,
) -> Conflict:
    """The office enters a conflict it knows of: confirmed by whoever enters it.

    Raises NotAllowed, EvidenceMissing, DayMissing, DayPast, Invalid.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    if not evidence.strip():
        raise EvidenceMissing
    _check_day(kind, until, timezone.localdate(now))
    found = Conflict.objects.filter(company=company, firm=firm, kind=kind, side=Side.OFFICE).first()
    conflict = found or Conflict(company=company, firm=firm, kind=kind, side=Side.OFFICE, declared_by=actor)
    conflict.evidence, conflict.until = evidence.strip(), until
    conflict.state, conflict.decided_by, conflict.decided_at = ConflictState.CONFIRMED, actor, now
    validate(conflict)
    conflict.save()
    return conflict


@transaction.atomic
def decide_conflict(*, conflict: Conflict, confirm: bool, actor: Any, now: datetime) -> Conflict:
    """Confirm or reject what was proposed or declared; may be decided anew. Raises NotAllowed."""
    if not rules.may_match(actor):
        raise NotAllowed
    conflict = Conflict.objects.select_for_update().get(pk=conflict.pk)
    conflict.state = ConflictState.CONFIRMED if confirm else ConflictState.REJECTED
    conflict.decided_by, conflict.decided_at = actor, now
    conflict.save(update_fields=["state", "decided_by", "decided_at", "updated_at"])
    return conflict


@transaction.atomic
def set_preference(
    *,
    company: Company,
    firm_id: int,
    side: str,
    level: str,
    rank: int | None = None,
    reason: str = "",
    actor: Any,
) -> Preference:
    """What one side wishes of the other: a company for itself, of firms shown to it; the office for both.

    Raises NotAllowed, FirmUnknown, RankMisplaced, TooManyMusts, Invalid.
    """
    office = rules.may_match(actor)
    if not office and not (side == Side.COMPANY and rules.may_speak_for(actor, company)):
        raise NotAllowed
    if not office and firm_id not in selectors.firms_met_by(actor):
        raise FirmUnknown
    if rank is not None and (level not in RANKED or not 1 <= rank <= LAST_RANK):
        raise RankMisplaced(last=LAST_RANK)
    party = company.pk if side == Side.COMPANY else firm_id
    if level == PreferenceLevel.MUST:
        _guard_musts(side, party, company.pk, firm_id)
    found = Preference.objects.filter(company=company, firm=firm_id, side=side).first()
    wish = found or Preference(company=company, firm_id=firm_id, side=side)
    wish.level, wish.rank, wish.reason = level, rank, reason.strip()
    wish.said_by = actor if getattr(actor, "pk", None) else None
    _save_own(wish, "level", "rank", "reason", "said_by")
    return wish


def _guard_musts(side: str, party: int, company_id: int, firm_id: int) -> None:
    """One at a time for one party, so that two at once cannot both be the last that is free."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [_MUSTS_LOCK + (side == Side.FIRM), party % 2**31]
        )
    own = {"company_id": party} if side == Side.COMPANY else {"firm_id": party}
    others = Preference.objects.filter(side=side, level=PreferenceLevel.MUST, **own)
    if others.exclude(company=company_id, firm=firm_id).count() >= MOST_MUSTS:
        raise TooManyMusts(most=MOST_MUSTS)


@transaction.atomic
def set_participation(*, company: Company, takes_part: bool, actor: Any) -> Participation:
    """Whether the company is matched at all. Raises NotAllowed."""
    if not rules.may_speak_for(actor, company) and not rules.may_match(actor):
        raise NotAllowed
    said = Participation.objects.filter(company=company).first() or Participation(company=company)
    said.takes_part = takes_part
    said.said_by = actor if getattr(actor, "pk", None) else None
    _save_own(said, "takes_part", "said_by")
    return said
