"""Who may do what with spaces and leases."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind, StaffGroup
from tenants.companies.enums import MemberLevel

from .models import Handover, Lease


def may_manage_leases(user: Any) -> bool:
    """Managers of leases and the director. None is the system: a command or a task."""
    return user is None or acting_of(user).in_group(StaffGroup.LEASES)


def may_ask_extension(user: Any, lease: Lease) -> bool:
    """Members of the lease's company, and managers of leases for them."""
    acting = acting_of(user)
    if acting.kind == Kind.FOUNDER:
        return lease.company_id in acting.company_ids
    return may_manage_leases(user)


def may_sign_contract(user: Any, lease: Lease) -> bool:
    """Owners of the lease's company, each for it alone. Nobody signs for a company in its place."""
    acting = acting_of(user)
    return (
        acting.kind == Kind.FOUNDER
        and lease.company_id in acting.company_ids
        and acting.level == MemberLevel.OWNER
    )


def may_set_lease_policy(user: Any) -> bool:
    """The director alone. None is the system."""
    return user is None or acting_of(user).in_group()


def may_prepare_handover(user: Any, handover: Handover) -> bool:
    """Members of the company that hands its space over."""
    return handover.company_id in acting_of(user).company_ids
