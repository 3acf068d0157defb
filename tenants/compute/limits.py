"""What each account's limits on a cluster should be, and what stands in the way. Knows no Django and no database.

Slurm compares the limit with all that it has ever counted, so the limit to write is what it has counted plus what the company
may still use. It is worked out anew each time, never out of the limit that stands there.

Credits are fungible over resources and a limit is of one resource, so each resource gets the whole balance: as many minutes as
it would buy of that resource alone. No job that the credits can pay is held up. Somebody who uses two resources at once comes
to the end of both limits sooner, since each sync takes what was used of one off the other; until the next sync they can use up
to the balance in each. The count of GPUs of any type gets the minutes of the cheapest type, since it counts all of them.
Minutes are rounded down. `billing` is never limited: it is the scheduler's own truncated figure.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tenants.compute.scheduler_text import Association, SchedulerConfig

NOT_LIMITED = frozenset({"billing"})
# What a limit's column can hold in any version, and far more than the whole centre makes.
MOST_MINUTES = 10**14


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that a person should know. `code` is a key of LIMIT_WARNINGS (wording), `params` fill its sentence."""

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Purse:
    """What the company of a cluster account may still use: GFLOP by resource, zero or less when nothing.

    `granted` says whether it has a grant in force at all; `balance` is its balance over all resources.
    """

    account: str
    company_id: int
    gflop: Mapping[str, int]
    balance: int
    granted: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What we wrote last."""

    minutes: Mapping[str, int]
    suspended: bool


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """One account: minutes that stand there (None: no limit) and that should, for the resources we limit.

    `submit` is what GrpSubmitJobs should become: 0 suspends the account, -1 resumes it, None leaves it.
    """

    account: str
    company_id: int
    balance: int
    counted: Mapping[str, int]
    before: Mapping[str, int | None]
    after: Mapping[str, int]
    submit: int | None = None
    warnings: tuple[Warned, ...] = ()

    @property
    def changes(self) -> bool:
        return self.submit is not None or any(
            self.before.get(code) != minutes for code, minutes in self.after.items()
        )

    @property
    def suspended(self) -> bool | None:
        return None if self.submit is None else self.submit == 0


def limited(rates: Mapping[str, int], tracked: Collection[str]) -> list[str]:
    """The resources that can be limited: the cluster counts them and they cost something."""
    return sorted(code for code in tracked if rates.get(code, 0) > 0 and code not in NOT_LIMITED)


def minutes_left(gflop: Mapping[str, int], rates: Mapping[str, int], codes: Sequence[str]) -> dict[str, int]:
    """Whole minutes of one unit of each resource that the balance would buy of it alone."""
    found = {}
    for code in codes:
        alike = [other for other in codes if other == code or other.startswith(f"{code}:")]
        seconds = max(max(gflop.get(each, 0), 0) // rates[each] for each in alike)
        found[code] = min(seconds // 60, MOST_MINUTES)
    return found


def plan_limits(
    purses: Sequence[Purse],
    *,
    associations: Mapping[str, Association],
    counted: Mapping[str, Mapping[str, int]],
    rates: Mapping[str, int],
    tracked: Collection[str],
    written: Mapping[str, Written],
) -> list[AccountPlan]:
    """A plan for each purse, in the order of account names; an account that is not on the cluster only has a warning."""
    codes = limited(rates, tracked)
    plans = []
    for purse in sorted(purses, key=lambda each: each.account):
        found, used = associations.get(purse.account), counted.get(purse.account)
        if found is None or used is None:
            missing = (Warned("missing_account"),) if found is None else (Warned("not_counted"),)
            warnings = missing if purse.granted or found is not None else ()
            plans.append(
                AccountPlan(purse.account, purse.company_id, purse.balance, {}, {}, {}, None, warnings)
            )
        else:
            plans.append(_plan(purse, found, used, minutes_left(purse.gflop, rates, codes), written))
    return plans


def _plan(
    purse: Purse,
    found: Association,
    used: Mapping[str, int],
    left: Mapping[str, int],
    written: Mapping[str, Written],
) -> AccountPlan:
    last = written.get(purse.account)
    before = {code: found.minutes.get(code) for code in left}
    after = {code: used.get(code, 0) + minutes for code, minutes in left.items()}
    submit, warnings = _submit(purse, found, last)
    for code, minutes in after.items():
        ours = last.minutes.get(code) if last is not None else None
        stands = before[code]
        if ours is not None and stands not in (ours, minutes):
            shown = "–" if stands is None else stands
            warnings.append(Warned("hand_edit", {"resource": code, "written": ours, "found": shown}))
    return AccountPlan(
        purse.account,
        purse.company_id,
        purse.balance,
        {code: used.get(code, 0) for code in left},
        before,
        after,
        submit,
        tuple(warnings),
    )


def _submit(purse: Purse, found: Association, last: Written | None) -> tuple[int | None, list[Warned]]:
    """Without any grant in force, jobs are refused when they are submitted: waiting would be for nothing. Where grants
    are merely used up they wait in the queue, and start when credits come. What others closed is theirs to open."""
    ours = last is not None and last.suspended
    if not purse.granted:
        opened = [Warned("opened_by_hand")] if ours and found.submit != 0 else []
        return (None if found.submit == 0 else 0), opened
    if found.submit != 0:
        return None, []
    return (-1, []) if ours else (None, [Warned("closed_by_hand")])


def config_warnings(config: SchedulerConfig) -> list[Warned]:
    """Why limits on this cluster do not hold, or not for long."""
    found = []
    if config.decays:
        found.append(Warned("decay"))
    if config.resets:
        found.append(Warned("usage_reset"))
    if not config.multifactor:
        found.append(Warned("not_multifactor"))
    if not config.enforces & {"limits", "safe", "all"}:
        found.append(Warned("not_enforced"))
    elif not config.enforces & {"safe", "all"}:
        found.append(Warned("not_safe"))
    return found
