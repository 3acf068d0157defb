"""Admission of who applied: a company that comes (back), and an admission that is taken back before anything is signed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from incubator.accounts.enums import Kind
from incubator.accounts.models import Invitation
from incubator.accounts.services import invite, revoke_invitation
from incubator.common.errors import NotAllowed
from tenants.companies.enums import LIVE_RESIDENCIES, MemberLevel, ResidencyState
from tenants.companies.models import Company, Membership, Residency
from tenants.companies.rules import may_manage_companies
from tenants.companies.services import change_company, open_residency
from tenants.leases.enums import LeaseState
from tenants.leases.models import Lease
from tenants.leases.services import steps, terminate_lease

from .errors import CompanyLivesHere, ContractSigned


def newest_member() -> int:
    """The highest id of a membership: whoever becomes a member of anything from now on has a higher one."""
    return Membership.objects.aggregate(newest=Max("pk"))["newest"] or 0


@transaction.atomic
def readmit_company(
    *, company: Company, first_day: date, base_url: str, actor: Any, now: datetime, **profile: Any
) -> Company:
    """Admit a company that is in the register already, with what it says of itself today; its members keep their accounts.

    Without an owner, one is invited at the contact address. Raises NotAllowed, CompanyLivesHere, what `change_company` raises.
    """
    if not may_manage_companies(actor):
        raise NotAllowed
    held = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    if Residency.objects.filter(company=held, state__in=LIVE_RESIDENCIES).exists():
        raise CompanyLivesHere
    change_company(company=held, values=profile, actor=actor, now=now)
    open_residency(company=held, first_day=first_day, actor=actor, now=now)
    if not Membership.objects.filter(company=held, level=MemberLevel.OWNER).exists():
        _invite(held, held.representative, held.email, MemberLevel.OWNER, base_url, actor, now)
    return held


@transaction.atomic
def invite_members(
    *, company: Company, people: Sequence[tuple[str, str]], base_url: str, actor: Any, now: datetime
) -> int:
    """Invite each (name, address) to the company, but who is a member or invited already; how many were."""
    known = set(Membership.objects.filter(company=company).values_list("user__email", flat=True))
    invited = Invitation.objects.filter(
        kind=Kind.FOUNDER, scope_id=company.pk, accepted_at=None, revoked_at=None
    )
    known |= set(invited.values_list("email", flat=True))
    new = {email.strip().lower(): name for name, email in reversed(people) if email.strip()}
    for email in sorted(set(new) - known):
        _invite(company, new[email], email, MemberLevel.MEMBER, base_url, actor, now)
    return len(set(new) - known)


def _invite(
    company: Company, name: str, email: str, level: str, base_url: str, actor: Any, now: datetime
) -> None:
    invite(
        email=email,
        name=name,
        kind=Kind.FOUNDER,
        scope_id=company.pk,
        level=level,
        actor=actor,
        now=now,
        base_url=base_url,
    )


def _is_signed(lease: Lease) -> bool:
    """Whether one side has signed what lies on the table: the newest contract. One that was drawn up anew is unsigned."""
    newest = lease.contracts.order_by("-number").first()
    return newest is not None and newest.signatures.exists()


@transaction.atomic
def take_back_admission(
    *,
    company: Company,
    residency: Residency | None,
    lease: Lease,
    newest_member: int,
    reason: str,
    actor: Any,
    now: datetime,
) -> None:
    """Undo an admission whose contract nobody has signed yet.

    Gone: the stay, the memberships that came by it (ids above `newest_member`), and every right they gave. Closed and kept as
    history: open invitations (revoked) and the lease (terminated, without a day; its space is free at once). The company's
    entry in the register stays, without a stay and hidden from investors: the lease, which is proof, names it, and a later
    admission of the same business number takes it up again.

    Raises NotAllowed, ContractSigned.
    """
    if not may_manage_companies(actor):
        raise NotAllowed
    held = steps.held(lease)
    if held.state not in (LeaseState.DRAFT, LeaseState.OFFERED, LeaseState.TERMINATED) or _is_signed(held):
        raise ContractSigned
    if held.state != LeaseState.TERMINATED:
        assert held.period.lower
        terminate_lease(lease=held, last_day=held.period.lower, reason=reason[:400], actor=actor, now=now)
    for invitation in Invitation.objects.filter(
        kind=Kind.FOUNDER, scope_id=company.pk, accepted_at=None, revoked_at=None
    ).order_by("pk"):
        revoke_invitation(invitation=invitation, actor=actor, now=now)
    Membership.objects.filter(company=company, pk__gt=newest_member).delete()
    if residency is not None:
        Residency.objects.filter(pk=residency.pk, state=ResidencyState.ADMITTED).delete()
    if company.visible_to_investors:
        company.visible_to_investors = False
        company.save(update_fields=["visible_to_investors", "updated_at"])
