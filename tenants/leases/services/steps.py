"""What every step of a lease shares: the order of locks, collisions in words, and the history."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from incubator.common.errors import refusing, validate
from tenants.leases.enums import LeaseState, LeaseStep
from tenants.leases.errors import SpaceBlocked, SpaceHeldOver, SpaceTaken, WrongState, day_in_words
from tenants.leases.models import Lease, LeaseTransition, Space

from .blocking import blocked_in_words


def person(actor: Any) -> Any:
    """The person to be written down, None for the system."""
    return actor if getattr(actor, "pk", None) else None


def locked_space(space_id: int) -> Space:
    """The space, held by this transaction: whoever wants a claim on it waits here, so that nobody deadlocks in the
    exclusion constraint. The constraint decides, not this lock."""
    return (
        Space.objects.select_for_update(no_key=True, of=("self",)).select_related("building").get(pk=space_id)
    )


def locked_lease(lease: Lease) -> Lease:
    """The lease as it is now, held by this transaction, its space and company fetched along."""
    return (
        Lease.objects.select_for_update(no_key=True, of=("self",))
        .select_related("space__building", "company")
        .get(pk=lease.pk)
    )


@contextmanager
def claiming(lease: Lease, refusal: type[SpaceTaken] = SpaceTaken) -> Iterator[None]:
    """Turns the collision of two leases in the database into SpaceTaken, with the days of the one that was there first, and
    that with a blocked period into SpaceBlocked."""
    try:
        with refusing(
            {
                "leases_one_lease_a_day": refusal,
                "leases_space_held_over": SpaceHeldOver,
                "leases_not_let_while_blocked": SpaceBlocked,
            }
        ):
            yield
    except SpaceHeldOver:
        raise
    except SpaceBlocked as error:
        raise blocked_in_words(lease) from error
    except SpaceTaken as error:
        claims = Lease.objects.exclude(pk=lease.pk).exclude(state=LeaseState.DRAFT).order_by("period")
        other = claims.filter(space_id=lease.space_id, period__overlap=lease.period).first()
        if other is None:
            raise
        first, last = day_in_words(other.first_day), day_in_words(other.last_day)
        raise refusal(refusal.detailed, first=first, last=last) from error


def record(
    lease: Lease, *, step: LeaseStep, from_state: str, actor: Any, now: datetime, reason: str = ""
) -> LeaseTransition:
    """Write down one step of the lease. Raises Invalid for a reason that is too long."""
    transition = LeaseTransition(
        lease=lease,
        step=step,
        from_state=from_state,
        to_state=lease.state,
        last_day=lease.last_day,
        at=now,
        actor=person(actor),
        reason=reason.strip(),
    )
    validate(transition, exclude={"lease", "actor", "last_day"})
    transition.save()
    return transition


def held(lease: Lease) -> Lease:
    """The lease as it is now, space first and then lease held by this transaction: the order of every service here."""
    space_id = lease.space_id
    while True:
        locked_space(space_id)
        lease = locked_lease(lease)
        if lease.space_id == space_id:
            return lease
        # Its offer was changed to another space meanwhile.
        space_id = lease.space_id


def demand(lease: Lease, allowed: Sequence[str], message: Any) -> None:
    """Raises WrongState, in the words of the step."""
    if lease.state not in allowed:
        raise WrongState(message, state=lease.get_state_display())


def take_step(
    lease: Lease, to_state: LeaseState, step: LeaseStep, *, actor: Any, now: datetime, reason: str
) -> Lease:
    """Write the lease in its new state, with the period it has been given, and the step. Raises SpaceTaken."""
    before, lease.state = lease.state, to_state
    with claiming(lease):
        lease.save(update_fields=["state", "period", "updated_at"])
    record(lease, step=step, from_state=before, actor=actor, now=now, reason=reason)
    return lease
