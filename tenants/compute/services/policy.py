"""The camp's rules for credits, as rows with a first day."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common import display
from incubator.common.errors import NotAllowed, refusing, validate
from tenants.compute import selectors
from tenants.compute.errors import PolicyInThePast, TwoPeopleNeeded, WarningsOutOfOrder
from tenants.compute.models import GrantPolicy
from tenants.compute.rules import may_set_policy

from .ledger import demand_reason


@transaction.atomic
def set_policy(
    *,
    starts_on: date,
    two_person_above_gflop: int,
    early_warning_days: int,
    late_warning_days: int,
    settle_days: int,
    review_months: int,
    least_used_percent: int,
    take_percent: int,
    notice_days: int,
    automatic: bool,
    reason: str,
    actor: Any,
    now: datetime,
) -> GrantPolicy:
    """Let other rules hold from a day on, today or later. Of two rows for one day the later one holds.

    Raises NotAllowed (the director alone), ReasonMissing, PolicyInThePast, WarningsOutOfOrder, Invalid.
    """
    if not may_set_policy(actor):
        raise NotAllowed
    if starts_on < timezone.localdate(now):
        raise PolicyInThePast
    policy = GrantPolicy(
        starts_on=starts_on,
        two_person_above_gflop=two_person_above_gflop,
        early_warning_days=early_warning_days,
        late_warning_days=late_warning_days,
        settle_days=settle_days,
        review_months=review_months,
        least_used_percent=least_used_percent,
        take_percent=take_percent,
        notice_days=notice_days,
        automatic=automatic,
        reason=demand_reason(reason),
        set_by=actor,
        set_at=now,
    )
    validate(policy)
    with refusing({"compute_policy_warnings_in_order": WarningsOutOfOrder}):
        policy.save()
    return policy


def needs_two(amount_gflop: int, on: date) -> bool:
    """Whether a grant of this size needs two people under the rules of the day."""
    return amount_gflop > selectors.requests.policy_on(on).two_person_above_gflop


def demand_two(amount_gflop: int, *, actor: Any, agreed_by: Any, on: date) -> None:
    """A person who grants more than the threshold needs another one who agreed. The system (None) grants what it is told.

    Raises TwoPeopleNeeded.
    """
    if actor is None or (agreed_by is not None and agreed_by.pk != actor.pk):
        return
    limit = selectors.requests.policy_on(on).two_person_above_gflop
    if amount_gflop > limit:
        raise TwoPeopleNeeded(limit=display.pfh(limit))
