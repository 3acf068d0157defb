"""Leases in every state, made on the days on which they would have been made."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

from tenants.companies.models import Company
from tenants.leases.models import ExtensionRequest, Lease, Space
from tenants.leases.services import (
    activate_lease,
    approve_extension,
    countersign_contract,
    draft_lease,
    end_lease,
    lease_space,
    move_company,
    offer_lease,
    refuse_extension,
    request_extension,
    sign_contract,
    sign_lease,
    terminate_lease,
    withdraw_extension,
)
from tenants.leases.terms import last_of_term

from .camp import Camp
from .days import days_before, plus_months
from .parts import (
    APPROVED,
    DRAFT,
    ENDING,
    MOVED,
    NEWCOMERS,
    OFFERED,
    OPEN,
    PREDECESSORS,
    REFUSED,
    TERMINATED,
    WITHDRAWN,
)
from .residents import settle
from .texts import (
    APPROVAL,
    BROWSER,
    COMPARATOR,
    EXTENSION_REASONS,
    LEGAL_BASIS,
    MOVE,
    ON_PAPER,
    REFUSAL,
    TERMINATION,
)

# The days until the end of the lease of the company whose founder everyone looks at.
FIRST_ENDS_IN = 42


@dataclass(frozen=True)
class _Tenant:
    """A company and the space it will be in."""

    camp: Camp
    company: Company
    at: int
    space: Space

    def rent(self, first: date, last: date, *, space: Space | None = None) -> Lease:
        """A contract signed on its first day."""
        return lease_space(
            company=self.company,
            space=space or self.space,
            first_day=first,
            last_day=min(last, last_of_term(first, 24)),
            legal_basis=LEGAL_BASIS,
            comparator=COMPARATOR,
            actor=self.camp.director,
            now=self.camp.at(first, 9),
        )

    def draft(self, first: date, last: date, drawn_up: date, *, space: Space | None = None) -> Lease:
        return draft_lease(
            company=self.company,
            space=space or self.space,
            first_day=first,
            last_day=last,
            legal_basis=LEGAL_BASIS,
            comparator=COMPARATOR,
            actor=self.camp.director,
            now=self.camp.at(drawn_up, 9),
        )

    def sign(self, lease: Lease, day: date) -> None:
        """The owner signs the contract on offer in the morning, the director in the afternoon."""
        owner, director = self.camp.owners[self.at], self.camp.director
        contract = lease.contracts.latest("number")
        paper: dict[str, Any] = {
            "contract": contract,
            "document_sha256": contract.sha256,
            "user_agent": BROWSER,
        }
        sign_contract(
            **paper,
            typed_name=owner.name,
            agreed=True,
            ip="203.0.113.21",
            actor=owner,
            now=self.camp.at(day, 10, 12),
        )
        countersign_contract(
            **paper,
            typed_name=director.name,
            ip="203.0.113.2",
            actor=director,
            now=self.camp.at(day, 14, 5),
        )

    def step(self, service: Callable[..., Lease], lease: Lease, day: date, **values: object) -> Lease:
        return service(lease=lease, actor=self.camp.director, now=self.camp.at(day, 14), **values)


_Part = Callable[[_Tenant, Random], date]
"""What a company's lease has been through, told to the services; returns the first day of the company's stay."""


def make_leases(camp: Camp) -> int:
    dice = camp.dice("leases")
    tenants = [_Tenant(camp, company, at, camp.free_spaces[at]) for at, company in enumerate(camp.companies)]
    camp.free_spaces = camp.free_spaces[camp.size :]
    parts = _parts(camp)
    for tenant in tenants:
        settle(camp, tenant.at, parts.get(tenant.at, _ordinary)(tenant, dice))
    for far, place in enumerate(NEWCOMERS):
        _coming(tenants[camp.role(place)], far)
    return Lease.objects.count()


def _parts(camp: Camp) -> dict[int, _Part]:
    """What each company's lease has been through; the first part counts where a small camp gives a company several."""
    told: list[tuple[int, _Part]] = []
    told += [(place, _open) for place in OPEN]
    told += [(place, _approved) for place in APPROVED]
    told += [(place, _refused) for place in REFUSED]
    told += [(place, _withdrawn) for place in WITHDRAWN]
    told += [(TERMINATED, _terminated), (MOVED, _moved)]
    if camp.has_grown():
        told += [(place, _newcomer) for place in NEWCOMERS]
    else:
        told += [(OFFERED, _predecessor), *([(DRAFT, _terminated)] if camp.size <= TERMINATED else [])]
    told += [(place, partial(_ending, days=days)) for place, days in ENDING.items()]
    told += [(place, _predecessor) for place in PREDECESSORS]
    parts: dict[int, _Part] = {0: _first}
    for place, part in told:
        if place < camp.size or place <= OFFERED:
            parts.setdefault(camp.role(place), part)
    return parts


def _first(tenant: _Tenant, dice: Random) -> date:
    """Drawn up, offered, signed and begun step by step; ends in six weeks, and may still be extended."""
    last = tenant.camp.today + timedelta(days=FIRST_ENDS_IN)
    first = plus_months(last + timedelta(days=1), -12)
    last = min(last, last_of_term(first, 24))
    lease = tenant.draft(first, last, days_before(first, 30))
    lease = tenant.step(offer_lease, lease, days_before(first, 24))
    tenant.sign(lease, days_before(first, 15))
    tenant.step(activate_lease, lease, first)
    return first


def _ordinary(tenant: _Tenant, dice: Random) -> date:
    months = dice.choice((12, 12, 24))
    last = tenant.camp.today + timedelta(days=dice.randint(100, months * 30 - 50))
    first = plus_months(last + timedelta(days=1), -months)
    if tenant.at % 9 == 0:
        lease = tenant.draft(first, min(last, last_of_term(first, 24)), days_before(first, 20))
        lease = tenant.step(offer_lease, lease, days_before(first, 17))
        tenant.step(sign_lease, lease, days_before(first, 9), reason=ON_PAPER)
        tenant.step(activate_lease, lease, first)
    else:
        tenant.rent(first, last)
    return first


def _ending(tenant: _Tenant, dice: Random, *, days: int) -> date:
    last = tenant.camp.today + timedelta(days=days)
    first = plus_months(last + timedelta(days=1), -12)
    tenant.rent(first, last)
    return first


def _predecessor(tenant: _Tenant, dice: Random) -> date:
    """The second lease of the same space: the first one ran out."""
    last = tenant.camp.today + timedelta(days=dice.randint(110, 320))
    first = plus_months(last + timedelta(days=1), -12)
    before = plus_months(first, -12)
    tenant.step(end_lease, tenant.rent(before, days_before(first, 1)), first)
    tenant.rent(first, last)
    return before


def _ask(tenant: _Tenant, lease: Lease, last: date, day: date, dice: Random) -> ExtensionRequest:
    return request_extension(
        lease=lease,
        until=plus_months(last, 6),
        reason=dice.choice(EXTENSION_REASONS),
        actor=tenant.camp.owners[tenant.at],
        now=tenant.camp.at(day, 16),
    )


def _running(tenant: _Tenant, last: date) -> tuple[Lease, date]:
    first = plus_months(last + timedelta(days=1), -12)
    return tenant.rent(first, last), first


def _open(tenant: _Tenant, dice: Random) -> date:
    today = tenant.camp.today
    last = today + timedelta(days=dice.randint(45, 85))
    lease, first = _running(tenant, last)
    _ask(tenant, lease, last, days_before(today, dice.randint(2, 9)), dice)
    return first


def _approved(tenant: _Tenant, dice: Random) -> date:
    camp = tenant.camp
    last = days_before(camp.today, 15)
    lease, first = _running(tenant, last)
    request = _ask(tenant, lease, last, days_before(camp.today, 60), dice)
    decided = camp.at(days_before(camp.today, 51), 15)
    approve_extension(request=request, reason=APPROVAL, actor=camp.director, now=decided)
    return first


def _refused(tenant: _Tenant, dice: Random) -> date:
    camp = tenant.camp
    last = camp.today + timedelta(days=dice.randint(24, 33))
    lease, first = _running(tenant, last)
    request = _ask(tenant, lease, last, days_before(camp.today, 20), dice)
    decided = camp.at(days_before(camp.today, 12), 15)
    refuse_extension(request=request, reason=REFUSAL, actor=camp.director, now=decided)
    return first


def _withdrawn(tenant: _Tenant, dice: Random) -> date:
    camp = tenant.camp
    last = camp.today + timedelta(days=70)
    lease, first = _running(tenant, last)
    request = _ask(tenant, lease, last, days_before(camp.today, 14), dice)
    thought_better = camp.at(days_before(camp.today, 11), 9)
    withdraw_extension(request=request, actor=camp.owners[tenant.at], now=thought_better)
    return first


def _terminated(tenant: _Tenant, dice: Random) -> date:
    """A room that became too small: its lease was ended early, for the one of now."""
    moved_on = days_before(tenant.camp.today, 130)
    before = plus_months(moved_on, -9)
    small = tenant.camp.free_spaces[-1]
    lease = tenant.rent(before, last_of_term(before, 24), space=small)
    last = days_before(moved_on, 1)
    tenant.step(terminate_lease, lease, last, last_day=last, reason=TERMINATION)
    tenant.rent(moved_on, last_of_term(moved_on, 12))
    return before


def _moved(tenant: _Tenant, dice: Random) -> date:
    """One lease that a move has parted in two."""
    first = days_before(tenant.camp.today, 290)
    lease = tenant.rent(first, last_of_term(first, 24), space=tenant.camp.free_spaces[-2])
    moved_on = days_before(tenant.camp.today, 100)
    tenant.step(move_company, lease, moved_on, space=tenant.space, first_day=moved_on, reason=MOVE)
    return first


def _newcomer(tenant: _Tenant, dice: Random) -> date:
    """Just admitted: at a fixed desk until the room that they were promised is ready."""
    first = days_before(tenant.camp.today, dice.randint(4, 13))
    desk = tenant.camp.free_spaces[-3 - (tenant.at - DRAFT)]
    tenant.rent(first, last_of_term(first, 3), space=desk)
    return first


def _coming(tenant: _Tenant, far: int) -> None:
    """A lease that has not begun: drawn up, then offered, then signed, as `far` as it has come."""
    today = tenant.camp.today
    first = today + timedelta(days=10 + 6 * far)
    room = tenant.camp.free_spaces[far]
    lease = tenant.draft(first, last_of_term(first, 12), days_before(today, 6), space=room)
    if far >= 1:
        tenant.step(offer_lease, lease, days_before(today, 3))
    if far >= 2:
        tenant.sign(lease, days_before(today, 1))
