"""Writes on firms, their members, mandates and holdings."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from incubator.accounts.errors import UnknownScope
from incubator.common.errors import NotAllowed, refusing, validate

from .enums import FirmMemberLevel
from .errors import FirmExists, TicketOutOfOrder
from .models import Firm, FirmMember, Holding, Mandate
from .rules import may_manage_firms

FIRM_FIELDS = ("name", "kind", "contact_name", "email", "active")
MANDATE_FIELDS = (
    "sectors",
    "stages",
    "regions",
    "ticket_min_krw",
    "ticket_max_krw",
    "max_company_age_years",
    "capacity",
)


def name_key(name: str) -> str:
    """The form in which names of companies are compared. 주식회사 and (주) stay: with and without are two companies."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _demand_manager(actor: Any) -> None:
    # None is the system: a command on the server itself.
    if actor is not None and not may_manage_firms(actor):
        raise NotAllowed


@transaction.atomic
def create_firm(*, name: str, kind: str, email: str, contact_name: str = "", active: bool = True, actor: Any) -> Firm:
    """Raises NotAllowed, Invalid, FirmExists."""
    _demand_manager(actor)
    firm = Firm(name=name, kind=kind, email=email.lower(), contact_name=contact_name, active=active, slug=_free_slug(name))
    validate(firm)
    with refusing({"firms_firm_name": FirmExists}):
        firm.save()
    return firm


def _free_slug(name: str) -> str:
    base = slugify(name, allow_unicode=False)
    base = base if any(letter.isalpha() for letter in base) else "firm"
    taken = set(Firm.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))) if slug not in taken)


@transaction.atomic
def change_firm(*, firm: Firm, actor: Any, **changes: Any) -> Firm:
    """Change fields out of FIRM_FIELDS. Raises NotAllowed, Invalid, FirmExists."""
    _demand_manager(actor)
    for field in FIRM_FIELDS:
        if field in changes:
            setattr(firm, field, changes[field])
    validate(firm)
    with refusing({"firms_firm_name": FirmExists}):
        firm.save()
    return firm


@transaction.atomic
def set_mandate(*, firm: Firm, actor: Any, **terms: Any) -> Mandate:
    """Say what the firm looks for: fields out of MANDATE_FIELDS, what is left out stays. Raises NotAllowed, Invalid, TicketOutOfOrder."""
    _demand_manager(actor)
    mandate = Mandate.objects.select_for_update().filter(firm=firm).first() or Mandate(firm=firm)
    for field in MANDATE_FIELDS:
        if field in terms:
            value = terms[field]
            setattr(mandate, field, list(value) if isinstance(value, tuple) else value)
    validate(mandate)
    with refusing({"firms_ticket_in_order": TicketOutOfOrder}):
        mandate.save()
    return mandate


@transaction.atomic
def set_holdings(*, firm: Firm, names: Iterable[str], actor: Any) -> None:
    """Make the firm's holdings exactly these companies. Raises NotAllowed."""
    _demand_manager(actor)
    wanted = {name_key(name): name for name in names if name_key(name)}
    held = {holding.name_key: holding for holding in firm.holdings.all()}
    for key in held.keys() - wanted.keys():
        held[key].delete()
    for key in wanted.keys() - held.keys():
        Holding.objects.create(firm=firm, company_name=wanted[key], name_key=key)


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
