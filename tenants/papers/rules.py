"""Who may issue and withdraw papers."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import StaffGroup
from tenants.companies.models import Company
from tenants.companies.rules import is_of

from .enums import PaperKind

# What a company may have made by itself: it says only what the camp's records say. A graduation is the camp's to certify.
SELF_SERVICE = frozenset({PaperKind.CONTRACT, PaperKind.RESIDENCY, PaperKind.SUPPORT, PaperKind.PROGRAMME})


def may_manage_papers(user: Any) -> bool:
    """Managers of leases and the director. None is the system."""
    acting = acting_of(user)
    return acting.in_group(StaffGroup.LEASES) and not acting.read_only


def may_issue(user: Any, kind: str, company: Company) -> bool:
    if kind == PaperKind.PROGRAMME and may_certify_programmes(user):
        return True
    return may_manage_papers(user) or (kind in SELF_SERVICE and is_of(user, company))


def may_certify_programmes(user: Any) -> bool:
    """Managers of consulting, whose programmes they are."""
    acting = acting_of(user)
    return acting.in_group(StaffGroup.CONSULTING) and not acting.read_only
