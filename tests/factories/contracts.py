"""Offers that lie before a company, and the two signatures under them."""

from datetime import date
from typing import Any

from tenants.leases import services
from tenants.leases.models import Lease, LeaseContract
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, founder_of

from .leases import RateFactory, moment

NOW = moment(2026, 11, 22)
FIRST, LAST = date(2026, 12, 1), date(2027, 11, 30)


def offered(**changes: Any) -> LeaseContract:
    """The contract of a lease from 2026-12-01 to 2027-11-30, just offered."""
    values = {
        "company": changes.pop("company", None) or CompanyFactory(),
        "space": changes.pop("space", None) or RateFactory().space,
        "first_day": FIRST,
        "last_day": LAST,
        "legal_basis": "창업지원 무상임대",
        "comparator": "",
        **changes,
    }
    lease = services.draft_lease(**values, actor=None, now=NOW)
    return contract_of(services.offer_lease(lease=lease, actor=None, now=NOW))


def contract_of(lease: Lease) -> LeaseContract:
    """The contract that counts."""
    found = LeaseContract.objects.select_related("lease__company", "lease__space", "paper")
    return found.filter(lease=lease).order_by("-number")[0]


def signed(contract: LeaseContract, owner: Any = None, **changes: Any) -> Any:
    """The company's signature, by a new owner where none is given."""
    owner = owner or founder_of(contract.lease.company)
    values = {
        "typed_name": owner.name,
        "agreed": True,
        "document_sha256": contract.sha256,
        "now": NOW,
        **changes,
    }
    return services.sign_contract(contract=contract, actor=owner, **values)


def countersigned(contract: LeaseContract, manager: Any = None, **changes: Any) -> Lease:
    """The camp's signature, by a new manager where none is given."""
    manager = manager or acting_staff("leases")
    values = {"typed_name": manager.name, "document_sha256": contract.sha256, "now": NOW, **changes}
    return services.countersign_contract(contract=contract, actor=manager, **values)
