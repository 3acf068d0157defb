"""Compares what we charged with what an independent total says, to the second. Knows no Django and no database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tenants.compute.sreport import ControlTotal

# Not compared: rounded by the scheduler's own printing (memory), truncated by it (billing), or held by nobody.
_LEFT_OUT = ("billing", "energy", "mem", "pages", "vmem")
_LEFT_OUT_KINDS = ("fs/", "bb/")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """Of one account and resource. `includes` names the accounts under this one, whose usage it counts too."""

    account: str
    resource: str
    ours: int
    theirs: int
    includes: tuple[str, ...] = ()

    @property
    def difference(self) -> int:
        return self.ours - self.theirs


def held_seconds(units: Mapping[str, int], seconds: int) -> Iterator[tuple[str, int]]:
    """Seconds times units by resource, as a scheduler counts: a typed GPU is a GPU of any type too."""
    untyped: dict[str, int] = {}
    for code, count in units.items():
        kind, colon, _type = code.partition(":")
        if colon:
            yield code, count * seconds
        untyped[kind] = untyped.get(kind, 0) + count
    for kind, count in untyped.items():
        yield kind, count * seconds


def seconds_within(first: int, end: int, *, started: int, ended: int, elapsed: int) -> int:
    """How much of an attempt lies in the half-open window, as the scheduler clips it.

    All of it when it lies within; else the overlap, which never exceeds the time that was not suspended.
    """
    if first <= started and ended <= end:
        return elapsed
    return max(0, min(min(ended, end) - max(started, first), elapsed))


def is_compared(resource: str) -> bool:
    return resource not in _LEFT_OUT and not resource.startswith(_LEFT_OUT_KINDS)


def compare(ours: Mapping[Key, int], theirs: Sequence[ControlTotal], *, nested: bool) -> list[Compared]:
    """Both sides of every account and resource that the total speaks of (of everything, where it is empty).

    With `nested`, an account's total counts those of the accounts under it: which these are is seen from the
    totals themselves, in which they follow it.
    """
    resources = sorted({total.resource for total in theirs if is_compared(total.resource)})
    if not theirs:
        resources = sorted({resource for _account, resource in ours if is_compared(resource)})
    accounts = list(dict.fromkeys(total.account for total in theirs))
    said = {(total.account, total.resource): total.seconds for total in theirs}
    under = _nested(accounts, resources, ours, said) if nested else {}
    found = []
    for account in accounts + sorted({name for name, _resource in ours} - set(accounts)):
        members = under.get(account, ())
        for resource in resources:
            mine = sum(ours.get((name, resource), 0) for name in (account, *members))
            found.append(Compared(account, resource, mine, said.get((account, resource), 0), members))
    return found


def _nested(
    accounts: Sequence[str], resources: Sequence[str], ours: Mapping[Key, int], said: Mapping[Key, int]
) -> dict[str, tuple[str, ...]]:
    """The accounts under each account that has some.

    One is a parent when its total is more than its own jobs and exactly what the accounts right after it come to, for every
    resource. The root counts all.
    """

    def vector(account: str) -> tuple[int, ...]:
        return tuple(said.get((account, resource), 0) for resource in resources)

    under: dict[str, tuple[str, ...]] = {}
    # From the last to the first: what follows an account is known when it is looked at. `tops` are (place, total).
    for place in range(len(accounts) - 1, -1, -1):
        account = accounts[place]
        own = tuple(ours.get((account, resource), 0) for resource in resources)
        missing = tuple(total - mine for total, mine in zip(vector(account), own, strict=True))
        if not any(missing) or min(missing) < 0:
            continue
        summed, at = (0,) * len(resources), place + 1
        members: list[str] = []
        while at < len(accounts) and (summed != missing or not any(vector(accounts[at]))):
            child = accounts[at]
            summed = tuple(left + right for left, right in zip(summed, vector(child), strict=True))
            if any(total > left for total, left in zip(summed, missing, strict=True)):
                break
            members += [child, *under.get(child, ())]
            at += 1 + len(under.get(child, ()))
        if summed == missing and members:
            under[account] = tuple(members)
    root = accounts[0] if accounts and accounts[0] == "root" else None
    if root is not None:
        everyone = {*accounts, *(name for name, _resource in ours)} - {root}
        under[root] = tuple(sorted(everyone))
    return under
