"""What Slurm prints about accounts, their limits and what it has counted. Knows no Django and no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Columns of `sacctmgr -P -n show assoc format=…`, `sshare -P -n -o …`, `sacctmgr -P -n show tres format=…`.
ASSOCIATION_FORMAT = "Account,User,ParentName,GrpTRESMins,GrpSubmit"
SHARE_FORMAT = "Account,User,GrpTRESRaw"
TRES_FORMAT = "Type,Name"

_NEVER = ("", "0", "00:00:00", "0-00:00:00", "(null)", "n/a")


class UnreadableError(ValueError):
    """A line is not what the program was asked for; the message is that line."""


@dataclass(frozen=True, slots=True)
class Association:
    """An account on the cluster with the limits that stand there: minutes by resource, jobs that may be submitted (None:
    as many as they like)."""

    account: str
    parent: str = ""
    minutes: Mapping[str, int] = field(default_factory=dict)
    submit: int | None = None


@dataclass(frozen=True, slots=True)
class SchedulerConfig:
    """What of a scheduler's configuration decides whether limits hold."""

    cluster: str
    decays: bool
    resets: bool
    enforces: frozenset[str]
    multifactor: bool


def parse_tres(text: str) -> dict[str, int]:
    """Whole numbers by resource of `cpu=600,gres/gpu:h100=2`."""
    found = {}
    for part in filter(None, text.strip().split(",")):
        name, equals, value = part.partition("=")
        if not equals or not name or not value.isascii() or not value.isdigit():
            raise UnreadableError(text)
        found[name.lower()] = int(value)
    return found


def _columns(line: str, count: int) -> list[str]:
    values = [value.strip() for value in line.split("|")]
    if len(values) != count:
        raise UnreadableError(line)
    return values


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def parse_associations(text: str) -> dict[str, Association]:
    """The accounts of ASSOCIATION_FORMAT, by name; rows of people are passed over."""
    found = {}
    for line in _lines(text):
        account, user, parent, minutes, submit = _columns(line, 5)
        if user or not account:
            continue
        if submit and not submit.isdigit():
            raise UnreadableError(line)
        found[account] = Association(account, parent, parse_tres(minutes), int(submit) if submit else None)
    return found


def parse_shares(text: str) -> dict[str, dict[str, int]]:
    """Minutes that the scheduler has counted, by account and resource, of SHARE_FORMAT: past and running jobs alike."""
    found = {}
    for line in _lines(text):
        account, user, counted = _columns(line, 3)
        if account and not user:
            found[account] = parse_tres(counted)
    return found


def parse_tracked(text: str) -> frozenset[str]:
    """The resources that the cluster keeps count of, of TRES_FORMAT: only these can be limited."""
    found = set()
    for line in _lines(text):
        kind, name = _columns(line, 2)
        found.add(f"{kind}/{name}".lower() if name else kind.lower())
    return frozenset(found)


def parse_config(text: str) -> SchedulerConfig:
    """Out of `scontrol show config`."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            values[name.strip().casefold()] = value.strip()
    if "clustername" not in values:
        raise UnreadableError(text[:80])
    enforced = values.get("accountingstorageenforce", "").casefold().split(",")
    return SchedulerConfig(
        cluster=values["clustername"],
        decays=values.get("prioritydecayhalflife", "7-00:00:00").casefold() not in _NEVER,
        resets=values.get("priorityusageresetperiod", "NONE").casefold() != "none",
        enforces=frozenset(filter(None, enforced)),
        multifactor=values.get("prioritytype", "") == "priority/multifactor",
    )
