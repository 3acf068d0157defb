"""The values in the columns of `sacct`: states, seconds, counts and trackable resources. Knows no Django."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

MAX_TEXT = 255
MAX_SHOWN = 80
# Above this, counts stop being exact in JSON readers and spreadsheets.
MAX_NUMBER = 2**53
# The last second of the year 9999: later moments have no date.
MAX_EPOCH = 253_402_300_799

TERMINAL_STATES = frozenset(
    {
        "BOOT_FAIL",
        "CANCELLED",
        "COMPLETED",
        "DEADLINE",
        "FAILED",
        "LAUNCH_FAILED",
        "NODE_FAIL",
        "OUT_OF_MEMORY",
        "PREEMPTED",
        "RECONFIG_FAIL",
        "REQUEUED",
        "RESIZING",
        "REVOKED",
        "TIMEOUT",
    }
)
LIVE_STATES = frozenset(
    {
        "COMPLETING",
        "CONFIGURING",
        "EXPEDITING",
        "PENDING",
        "POWER_UP_NODE",
        "REQUEUE_FED",
        "REQUEUE_HOLD",
        "RESV_DEL_HOLD",
        "RUNNING",
        "SIGNALING",
        "SPECIAL_EXIT",
        "STAGE_OUT",
        "STOPPED",
        "SUSPENDED",
        "UPDATE_DB",
    }
)

# Consumed and not held, and a sentinel of 2**64 - 2 where no sensor is: no unit of a job.
_NOT_HELD = frozenset({"energy"})
_UNSET = frozenset({"", "none", "unknown"})
NO_LIMIT = frozenset({"", "none", "unknown", "unlimited", "partition_limit", "invalid"})
_STATE = re.compile(r"([A-Z_]+)(?: by (\S+))?")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_NEGATIVE = re.compile(r"-[0-9]+(\.[0-9]+)?", re.ASCII)
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d", re.ASCII)
_SIZE = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,6})?)([KMGTPE]?)", re.ASCII)
_DURATION = re.compile(
    r"(?:([0-9]{1,9})-)?(?:([0-9]{1,9}):)?([0-9]{1,9}):([0-9]{1,2})(?:\.[0-9]+)?", re.ASCII
)
# Slurm's own unit for memory is the MiB, so a number without a suffix counts those.
_MEBIBYTES = {
    "K": Decimal(1) / 1024,
    "": Decimal(1),
    "M": Decimal(1),
    "G": Decimal(1024),
    "T": Decimal(1024**2),
    "P": Decimal(1024**3),
    "E": Decimal(1024**4),
}


def gettext_noop(message: str) -> str:
    """Mark a message for extraction; whoever shows it translates the template by its code."""
    return message


REASONS: Mapping[str, str] = {
    "too_few_columns": gettext_noop("%(found)s columns instead of %(expected)s"),
    "too_many_columns": gettext_noop(
        "%(found)s columns instead of %(expected)s; a “|” inside a name breaks the columns apart"
    ),
    "cut_line": gettext_noop("the last line does not end with a line break, so it may be cut"),
    "line_too_long": gettext_noop("the line is longer than %(limit)s bytes"),
    "nul_byte": gettext_noop("the line has a NUL byte"),
    "not_utf8": gettext_noop("the line is not UTF-8"),
    "empty_value": gettext_noop("%(column)s is empty"),
    "text_too_long": gettext_noop("%(column)s is longer than %(limit)s characters"),
    "not_a_number": gettext_noop("%(column)s is not a whole number: %(value)s"),
    "negative": gettext_noop("%(column)s is negative: %(value)s"),
    "overflow": gettext_noop("%(column)s is too large: %(value)s"),
    "local_time": gettext_noop(
        "%(column)s is a local time without an offset: %(value)s; have sacct print seconds since 1970"
    ),
    "unknown_state": gettext_noop("%(column)s is no state of a job: %(value)s"),
    "bad_tres": gettext_noop("%(column)s cannot be read: %(value)s"),
    "bad_duration": gettext_noop("%(column)s is no duration: %(value)s"),
    "ends_before_start": gettext_noop("the job ends before it starts: End %(value)s"),
    "bad_resource": gettext_noop("%(column)s is no name of a resource: %(value)s"),
    "not_a_time": gettext_noop("%(column)s is no day or time: %(value)s"),
    "time_out_of_range": gettext_noop("%(column)s is a day that no job of the camp can have: %(value)s"),
    "no_start": gettext_noop("the job has elapsed time but no start"),
}

HEADER_REASONS: Mapping[str, str] = {
    "empty": gettext_noop("The file is empty"),
    "not_sacct": gettext_noop("The first line is no header of sacct --parsable2"),
    "not_servers": gettext_noop("The first line does not name the columns of assigned servers"),
    "missing_columns": gettext_noop("Missing columns: %(columns)s"),
    "duplicate_columns": gettext_noop("Columns that appear twice: %(columns)s"),
}


class BadFieldError(Exception):
    """One value of a row that cannot be used. `code` is a key of REASONS."""

    def __init__(self, code: str, column: str = "", value: str = "", **limits: int) -> None:
        self.code = code
        self.column = column
        self.value = _printable(value)
        self.limits = limits
        super().__init__(code)


def parse_state(value: str) -> tuple[str, str | None]:
    """The state and, of `CANCELLED by 1004`, who cancelled."""
    match = _STATE.fullmatch(value)
    if match is None or match[1] not in TERMINAL_STATES | LIVE_STATES:
        raise BadFieldError("unknown_state", "State", value)
    return match[1], match[2]


def parse_count(column: str, value: str) -> int:
    """A whole number from 0 to MAX_NUMBER, in ASCII digits alone."""
    if _DIGITS.fullmatch(value) is None:
        raise BadFieldError("negative" if _NEGATIVE.fullmatch(value) else "not_a_number", column, value)
    # The length first: turning a very long string of digits into an int is slow, and refused by Python.
    digits = value.lstrip("0")
    if len(digits) > len(str(MAX_NUMBER)) or int(digits or "0") > MAX_NUMBER:
        raise BadFieldError("overflow", column, value)
    return int(digits or "0")


def parse_time(column: str, value: str) -> int:
    """Seconds since 1970. A local time is refused: it prints in the reader's zone and does not say which."""
    if _LOCAL_TIME.match(value):
        raise BadFieldError("local_time", column, value)
    seconds = parse_count(column, value)
    if seconds > MAX_EPOCH:
        raise BadFieldError("overflow", column, value)
    return seconds


def parse_time_or_none(column: str, value: str) -> int | None:
    return None if value.casefold() in _UNSET else parse_time(column, value)


def parse_duration(column: str, value: str) -> int:
    """Seconds of `[D-][HH:]MM:SS`; nothing said is none."""
    if not value:
        return 0
    match = _DURATION.fullmatch(value)
    if match is None:
        raise BadFieldError("bad_duration", column, value)
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def parse_units(text: str) -> dict[str, int]:
    """Counts by TRES name in lower case of `cpu=8,gres/gpu:h100=2,gres/gpu=2,mem=62.50G`."""
    units: dict[str, int] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        name = name.strip().lower()
        if not equals or not name or len(name) > MAX_TEXT or name in units:
            raise BadFieldError("bad_tres", "AllocTRES", part)
        if name in _NOT_HELD:
            continue
        units[name] = _size(part, value) if _is_size(name) else parse_count("AllocTRES", value)
    return _without_repeats(units)


def _is_size(name: str) -> bool:
    return name in ("mem", "vmem") or name.startswith(("bb/", "fs/"))


def _size(part: str, value: str) -> int:
    """Whole MiB, rounded half up, of `4000M` or `62.50G`."""
    match = _SIZE.fullmatch(value)
    if match is None:
        raise BadFieldError("negative" if _NEGATIVE.match(value) else "bad_tres", "AllocTRES", part)
    size = Decimal(match[1]) * _MEBIBYTES[match[2]]
    if size > MAX_NUMBER:
        raise BadFieldError("overflow", "AllocTRES", part)
    return int(size.to_integral_value(ROUND_HALF_UP))


def _without_repeats(units: dict[str, int]) -> dict[str, int]:
    """Slurm counts a typed GPU twice, as `gres/gpu:h100` and within `gres/gpu`: keep what the types leave."""
    typed: dict[str, int] = {}
    for name, count in units.items():
        kind, colon, _type = name.partition(":")
        if colon:
            typed[kind] = typed.get(kind, 0) + count
    for kind, count in typed.items():
        if kind in units:
            left = units.pop(kind) - count
            if left > 0:
                units[kind] = left
    return units


def _printable(value: str) -> str:
    """Short and on one line, since it ends up in messages and logs."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in value[: MAX_SHOWN + 1])
    return shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 1] + "…"
