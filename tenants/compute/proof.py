"""The texts that the ledger's proofs are made of, so that anybody can make them again. Knows no Django and no database.

Three layers of SHA-256, each over UTF-8 text and written as 64 hexadecimal digits:

- a *posting* covers its jobs: its head, then a line for each record in the order of their numbers;
- a transfer's *payload* covers what it says, and the posting it pays for;
- an *entry* links a transfer into the chain of an account: the link before, then code, place, amount and balance.

`camp_chain`, a function of the database, forges the entries; the check of the ledger and a statement's reader make them
again from here.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime

GENESIS = "0" * 64
_BETWEEN = "\x1f"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def held_text(units: Mapping[str, int]) -> str:
    """`cpu=8,gres/gpu:h100=2`: what a record held, by name."""
    return ",".join(f"{name}={units[name]}" for name in sorted(units))


def held_units(text: str) -> dict[str, int]:
    """The counts of `held_text`."""
    pairs = (part.rpartition("=") for part in text.split(",") if part)
    return {name: int(count) for name, _equals, count in pairs}


def posting_head(
    cluster: str, account: str, owner: str, start_day: date, end_day: date, rates: Mapping[str, int]
) -> str:
    """The first line under a posting's digest. `owner` is the company's business number, empty while nobody knows it."""
    said = (cluster, account, owner, start_day.isoformat(), end_day.isoformat(), held_text(rates))
    return _BETWEEN.join(said) + "\n"


def record_line(
    kind: str,
    job_id: int,
    submit: int,
    revision: int,
    user: str,
    state: str,
    started: int | None,
    ended: int,
    seconds: int,
    held: str,
    gflop: int,
) -> str:
    """One record's line under its posting's digest. Times are seconds since 1970."""
    said = (
        kind,
        job_id,
        submit,
        revision,
        user,
        state,
        "" if started is None else started,
        ended,
        seconds,
        held,
        gflop,
    )
    return _BETWEEN.join(map(str, said)) + "\n"


def posting_digest(head: str, lines: Iterable[str]) -> str:
    digest = hashlib.sha256(head.encode())
    for line in lines:
        digest.update(line.encode())
    return digest.hexdigest()


def payload_hash(
    key: str,
    kind: str,
    gflop: int,
    debit: str,
    credit: str,
    reason: str,
    effective_at: datetime,
    posting: str,
) -> str:
    """What a transfer says: accounts by code, the moment in seconds since 1970, the digest of its posting or nothing."""
    said = (key, kind, gflop, debit, credit, reason, f"{effective_at.timestamp():.6f}", posting)
    return sha256(_BETWEEN.join(map(str, said)))


def entry_hash(previous: str, code: str, seq: int, gflop: int, balance: int, payload: str) -> str:
    """The link of a transfer in the chain of account `code`: `gflop` is below zero where the account gave."""
    return sha256(f"{previous}|{code}|{seq}|{gflop}|{balance}|{payload}")
