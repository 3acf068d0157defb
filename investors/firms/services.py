"""Writes on firms, their members, mandates, funds and holdings, and on what their contacts ask to be changed."""

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from incubator.accounts.enums import Kind
from incubator.accounts.errors import UnknownScope
from incubator.accounts.services import prepare_invitation
from incubator.common.errors import NotAllowed, refusing, validate

from .enums import FirmMemberLevel, ProposalState
from .errors import (
    FirmExists,
    FundExists,
    FundLeftTooMuch,
    FundLeftWithoutDay,
    HoldingExists,
    HoldingNameMissing,
    ProposalDecided,
    ProposalFromTheFuture,
    TicketOutOfOrder,
)
from .models import Firm, FirmMember, Fund, Holding, Mandate, MandateProposal
from .rules import may_manage_firms
from .vocabulary import composed, key_of

FIRM_FIELDS = ("name", "kind", "contact_name", "email", "active")
MANDATE_FIELDS = (
    "sectors",
    "stages",
    "regions",
    "ticket_min_krw",
    "ticket_max_krw",
    "max_company_age_years",
    "role",
    "keywords",
    "thesis",
    "capacity",
)
HOLDING_FIELDS = ("sectors", "keywords", "founded_on", "invested_on", "rival_confirmed")
FUND_FIELDS = ("name", "vintage_year", "size_krw", "left_krw", "left_as_of")
_TAKEN = {"firms_firm_name": FirmExists}


def name_key(name: str) -> str:
    """The form in which names of companies are compared. 주식회사 and (주) stay: with and without are two companies."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def distinct(words: Iterable[str]) -> list[str]:
    """Words as they are stored, in their order; of two that are compared as one the first stays."""
    found: dict[str, str] = {}
    for word in words:
        if key := key_of(word):
            found.setdefault(key, composed(word))
    return list(found.values())


def _demand_manager(actor: Any) -> None:
    if not may_manage_firms(actor):
        raise NotAllowed


@transaction.atomic
def create_firm(
    *, name: str, kind: str, email: str, contact_name: str = "", active: bool = True, actor: Any
) -> Firm:
    """Raises NotAllowed, Invalid, FirmExists."""
    _demand_manager(actor)
    firm = Firm(
        name=name.strip(),
        kind=kind,
        email=email.strip().lower(),
        contact_name=contact_name.strip(),
        active=active,
        slug=_free_slug(name),
    )
    validate(firm)
    with refusing(_TAKEN):
        firm.save()
    return firm


def _free_slug(name: str) -> str:
    base = slugify(name, allow_unicode=False)
    base = base[:50] if any(letter.isalpha() for letter in base) else "firm"
    taken = set(Firm.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken)


@transaction.atomic
def change_firm(*, firm: Firm, actor: Any, **changes: Any) -> Firm:
    """Change fields out of FIRM_FIELDS. Raises NotAllowed, Invalid, FirmExists."""
    _demand_manager(actor)
    _set(firm, changes, FIRM_FIELDS)
    firm.email = firm.email.strip().lower()
    validate(firm)
    with refusing(_TAKEN):
        firm.save()
    return firm


def _set(instance: Any, values: dict[str, Any], allowed: Iterable[str]) -> None:
    unknown = values.keys() - set(allowed)
    if unknown:
        raise ValueError(f"not editable here: {', '.join(sorted(unknown))}")
    for field, value in values.items():
        setattr(instance, field, list(value) if isinstance(value, tuple) else value)


@transaction.atomic
def set_mandate(*, firm: Firm, actor: Any, **terms: Any) -> Mandate:
    """Say what the firm looks for: fields out of MANDATE_FIELDS, what is left out stays.

    Raises NotAllowed, Invalid, TicketOutOfOrder.
    """
    _demand_manager(actor)
    mandate = Mandate.objects.select_for_update().filter(firm=firm).first() or Mandate(firm=firm)
    _set(mandate, terms, MANDATE_FIELDS)
    mandate.keywords, mandate.thesis = distinct(mandate.keywords), composed(mandate.thesis)
    validate(mandate)
    with refusing({"firms_ticket_in_order": TicketOutOfOrder}):
        mandate.save()
    return mandate


@transaction.atomic
def set_holdings(*, firm: Firm, names: Iterable[str], actor: Any) -> None:
    """Make the firm's holdings exactly these companies. Raises NotAllowed, Invalid."""
    _demand_manager(actor)
    wanted = {key: name for name in names if (key := name_key(name))}
    held = {holding.name_key: holding for holding in firm.holdings.all()}
    for key, holding in held.items():
        if key not in wanted:
            holding.delete()
    for key, name in wanted.items():
        if key not in held:
            keep_holding(holding=Holding(firm=firm), company_name=name, actor=actor)


@transaction.atomic
def keep_holding(*, holding: Holding, company_name: str, actor: Any, **details: Any) -> Holding:
    """Write a new or changed holding of `holding.firm`: its company, and fields out of HOLDING_FIELDS; others stay.

    Raises NotAllowed, Invalid, HoldingNameMissing, HoldingExists.
    """
    _demand_manager(actor)
    holding.company_name, holding.name_key = company_name.strip(), name_key(company_name)
    if not holding.name_key:
        raise HoldingNameMissing
    _set(holding, details, HOLDING_FIELDS)
    holding.keywords = distinct(holding.keywords)
    validate(holding)
    with refusing({"firms_holding_once": HoldingExists}):
        holding.save()
    return holding


@transaction.atomic
def remove_holding(*, holding: Holding, actor: Any) -> None:
    """The firm holds this company no more; its history stays. Raises NotAllowed."""
    _demand_manager(actor)
    holding.delete()


@transaction.atomic
def keep_fund(*, fund: Fund, actor: Any, **values: Any) -> Fund:
    """Write a new or changed fund of `fund.firm`: fields out of FUND_FIELDS.

    Raises NotAllowed, Invalid, FundLeftWithoutDay, FundLeftTooMuch, FundExists.
    """
    _demand_manager(actor)
    _set(fund, values, FUND_FIELDS)
    fund.name = composed(fund.name)
    if (fund.left_krw is None) != (fund.left_as_of is None):
        raise FundLeftWithoutDay
    if fund.left_krw is not None and fund.size_krw is not None and fund.left_krw > fund.size_krw:
        raise FundLeftTooMuch
    validate(fund)
    with refusing({"firms_fund_once": FundExists}):
        fund.save()
    return fund


@transaction.atomic
def remove_fund(*, fund: Fund, actor: Any) -> None:
    """Take away a fund that was entered by mistake; its history stays. Raises NotAllowed."""
    _demand_manager(actor)
    fund.delete()


@transaction.atomic
def record_proposal(
    *, firm: Firm, written_by: str, written_on: date, text: str, actor: Any, now: datetime
) -> MandateProposal:
    """Keep what a firm's contact asked by mail to have changed. Raises NotAllowed, Invalid, ProposalFromTheFuture."""
    _demand_manager(actor)
    if written_on > timezone.localdate(now):
        raise ProposalFromTheFuture
    proposal = MandateProposal(
        firm=firm,
        written_by=composed(written_by),
        written_on=written_on,
        text=composed(text),
        recorded_by=actor,
        recorded_at=now,
    )
    validate(proposal)
    proposal.save()
    return proposal


@transaction.atomic
def decide_proposal(
    *, proposal: MandateProposal, taken: bool, decision: str = "", actor: Any, now: datetime
) -> MandateProposal:
    """Say that the mandate was changed as proposed, or was not; the change itself is made on the firm's page.

    Raises NotAllowed, ProposalDecided.
    """
    _demand_manager(actor)
    proposal = MandateProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if proposal.state != ProposalState.OPEN:
        raise ProposalDecided
    proposal.state = ProposalState.TAKEN if taken else ProposalState.DECLINED
    proposal.decision, proposal.decided_by, proposal.decided_at = composed(decision)[:400], actor, now
    proposal.save(update_fields=["state", "decision", "decided_by", "decided_at"])
    return proposal


@transaction.atomic
def enrol_firm(*, holdings: Iterable[str] = (), actor: Any, now: datetime, **values: Any) -> Firm:
    """A new firm with its mandate and holdings, and its contact's invitation, prepared and not mailed.

    `values` are FIRM_FIELDS and MANDATE_FIELDS. Raises what `create_firm`, `set_mandate` and `set_holdings` raise.
    """
    firm = create_firm(actor=actor, **{key: values.pop(key) for key in FIRM_FIELDS if key in values})
    set_mandate(firm=firm, actor=actor, **values)
    set_holdings(firm=firm, names=holdings, actor=actor)
    if firm.contact_name:
        prepare_invitation(
            email=firm.email,
            name=firm.contact_name,
            kind=Kind.INVESTOR,
            scope_id=firm.pk,
            level=FirmMemberLevel.LEAD,
            actor=actor,
            now=now,
        )
    return firm


@transaction.atomic
def remove_firm_member(*, member: FirmMember, actor: Any) -> None:
    """The person reads for the firm no more, at once; what they saw stays on record. Raises NotAllowed."""
    _demand_manager(actor)
    member.delete()


def admit_firm_member(user: Any, firm_id: int, level: str) -> FirmMember:
    """Give the person a place in the firm, as an accepted invitation says. A place they have is left as it is.

    Raises UnknownScope when the firm is gone.
    """
    if not Firm.objects.filter(pk=firm_id).exists():
        raise UnknownScope
    member, _ = FirmMember.objects.get_or_create(
        firm_id=firm_id, user=user, defaults={"level": level or FirmMemberLevel.MEMBER}
    )
    return member
