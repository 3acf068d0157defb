"""The camp's rules for leases, as rows with a first day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from tenants.leases.errors import NewIndustriesShorter, PolicyInThePast, PolicyOutOfOrder, ReasonMissing
from tenants.leases.models import LeasePolicy
from tenants.leases.rules import may_set_lease_policy

from .steps import person


@transaction.atomic
def set_lease_policy(
    *,
    starts_on: date,
    source: str,
    reason: str,
    new_industries: Sequence[str] = (),
    actor: Any,
    now: datetime,
    **numbers: int,
) -> LeasePolicy:
    """Let other rules hold from a day on, today or later; `numbers` are those of LeasePolicy.NUMBERS.

    Leases that are agreed already stay as they are. Raises NotAllowed (the director alone), ReasonMissing, PolicyInThePast,
    PolicyOutOfOrder, NewIndustriesShorter, Invalid.
    """
    if not may_set_lease_policy(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    if starts_on < timezone.localdate(now):
        raise PolicyInThePast
    policy = LeasePolicy(
        starts_on=starts_on,
        source=source.strip(),
        reason=reason.strip(),
        new_industries=list(new_industries),
        set_by=person(actor),
        set_at=now,
        **numbers,
    )
    validate(policy, exclude={"set_by"})
    refusals = {
        "leases_policy_notice_in_order": PolicyOutOfOrder,
        "leases_policy_new_industries_longer": NewIndustriesShorter,
    }
    with refusing(refusals):
        policy.save()
    return policy
