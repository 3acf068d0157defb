"""Contracts, their templates and signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from tenants.leases.enums import SigningSide
from tenants.leases.models import ContractTemplate, LeaseContract, LeaseSignature


def templates_for(user: Any) -> QuerySet[ContractTemplate]:
    staff = acting_of(user).kind == Kind.STAFF
    return ContractTemplate.objects.all() if staff else ContractTemplate.objects.none()


def template_on(day: date) -> ContractTemplate | None:
    """The version that a contract of this day is drawn up from: of those in force the latest."""
    return ContractTemplate.objects.filter(starts_on__lte=day).order_by("-starts_on", "-version").first()


def _of_company(queryset: QuerySet, user: Any, company: str) -> QuerySet:
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return queryset
    if acting.kind == Kind.FOUNDER:
        return queryset.filter(**{f"{company}__in": acting.company_ids})
    return queryset.none()


def contracts_for(user: Any) -> QuerySet[LeaseContract]:
    """With lease, company, space and paper."""
    found = LeaseContract.objects.select_related(
        "lease__company", "lease__space__building", "lease__space__floor", "paper"
    )
    return _of_company(found, user, "lease__company_id")


def signatures_for(user: Any) -> QuerySet[LeaseSignature]:
    """Without the people: those of the other side are hidden from a founder, the names they typed are not."""
    return _of_company(LeaseSignature.objects.all(), user, "contract__lease__company_id")


@dataclass(frozen=True)
class ContractView:
    """One contract with its signatures, and whether a newer one has taken its place."""

    contract: LeaseContract
    signatures: Sequence[LeaseSignature]
    superseded: bool

    def _of(self, side: SigningSide) -> LeaseSignature | None:
        return next((each for each in self.signatures if each.side == side), None)

    @property
    def company(self) -> LeaseSignature | None:
        return self._of(SigningSide.COMPANY)

    @property
    def camp(self) -> LeaseSignature | None:
        return self._of(SigningSide.CAMP)


def contract_views(user: Any, lease_ids: Sequence[int] | None = None) -> dict[int, list[ContractView]]:
    """The contracts of these leases (of all, without them) that the person may see, by lease, the newest first; two
    queries."""
    found = contracts_for(user)
    if lease_ids is not None:
        found = found.filter(lease_id__in=lease_ids)
    signed = Prefetch("signatures", signatures_for(user), to_attr="signed")
    views: dict[int, list[ContractView]] = {}
    for contract in found.prefetch_related(signed).order_by("lease_id", "-number"):
        of_lease = views.setdefault(contract.lease_id, [])
        of_lease.append(ContractView(contract, contract.signed, bool(of_lease)))
    return views
