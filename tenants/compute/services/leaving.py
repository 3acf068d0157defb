"""A company leaves: all that it was granted and did not use returns to the pools."""

from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.common import display
from tenants.compute.enums import AllocationState
from tenants.compute.errors import CreditsHeld
from tenants.compute.models import Allocation, Transfer

from .grants import claw_back
from .ledger import demand_manager, demand_reason
from .lots import locked_lots


@transaction.atomic
def return_all(*, company_id: int, reason: str, actor: Any, now: datetime) -> list[Transfer]:
    """Take back what is left of every grant of the company and close them all, whatever their period.

    A job that still runs holds its credits: it has to end first. Raises NotAllowed, ReasonMissing, CreditsHeld.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    open_lots = Allocation.objects.filter(company_id=company_id, state=AllocationState.ACTIVE)
    lots, accounts = locked_lots(list(open_lots.select_related("pool").order_by("pk")))
    held = sum(accounts[lot.account_id].held_gflop for lot in lots.values())
    if held:
        raise CreditsHeld(held=display.pfh(held))
    transfers = []
    for lot in lots.values():
        if accounts[lot.account_id].balance_gflop > 0:
            transfers.append(
                claw_back(allocation=lot, reason=reason, actor=actor, now=now, key=f"leaving:{lot.pk}")
            )
        else:
            lot.state = AllocationState.CLOSED
            lot.save(update_fields=["state", "updated_at"])
    return transfers
