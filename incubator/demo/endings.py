"""The rules for leases, and leases that end before their time or are not cleared in time."""

from datetime import date, timedelta

from incubator.common.enums import Sector
from tenants.leases.enums import HoldoverOutcome, LeaseState, LeaseStep
from tenants.leases.models import EarlyEnd, Lease, LeasePolicy
from tenants.leases.services import (
    ask_early_end,
    give_notice,
    note_holdover,
    resolve_holdover,
    set_lease_policy,
)

from .camp import Camp
from .texts import (
    CLEARED,
    LEASE_RULES,
    LEASE_RULES_REASON,
    LEAVE_EARLIER,
    NOTICE_REASON,
    STAYED,
)

# Before the first day of any lease here.
_RULES_SINCE = 15


def make_rules(camp: Camp) -> int:
    """Every company here works with artificial intelligence, a notified new industry."""
    since = date(camp.today.year - _RULES_SINCE, 1, 1)
    set_lease_policy(
        starts_on=since,
        new_industries=Sector.values,
        source=LEASE_RULES,
        reason=LEASE_RULES_REASON,
        actor=camp.director,
        now=camp.at(since),
    )
    return LeasePolicy.objects.count()


def make_endings(camp: Camp) -> int:
    """One company asks to leave, one has been given notice, and one cleared its old room late."""
    far = camp.today + timedelta(days=120)
    calm = Lease.objects.filter(
        state=LeaseState.ACTIVE, period__endswith__gt=far, extension_requests=None
    ).exclude(company=camp.companies[0])
    chosen = list(calm.select_related("company").order_by("pk")[:2])
    for lease in chosen[:1]:
        ask_early_end(
            lease=lease,
            last_day=camp.today + timedelta(days=55),
            reason=LEAVE_EARLIER,
            actor=camp.owners[camp.companies.index(lease.company)],
            now=camp.at(camp.today - timedelta(days=3), 11),
        )
    for lease in chosen[1:]:
        give_notice(
            lease=lease,
            last_day=camp.today + timedelta(days=40),
            reason=NOTICE_REASON,
            actor=camp.director,
            now=camp.at(camp.today - timedelta(days=2), 15),
        )
    left = Lease.objects.filter(state=LeaseState.ENDED, transitions__step=LeaseStep.MOVED).order_by("pk")
    for lease in left[:1]:
        _late(camp, lease)
    return EarlyEnd.objects.count()


def _late(camp: Camp, lease: Lease) -> None:
    assert lease.last_day
    noted, clear = lease.last_day + timedelta(days=2), lease.last_day + timedelta(days=17)
    told = {"actor": camp.director}
    holdover = note_holdover(lease=lease, reason=STAYED, now=camp.at(noted), **told)
    resolve_holdover(
        holdover=holdover,
        outcome=HoldoverOutcome.LEFT,
        last_day=clear,
        resolution=CLEARED,
        now=camp.at(clear, 17),
        **told,
    )
