"""Proves a statement of credits from its own text. Knows no Django and no database: whoever has the file may run it.

The file is JSON. All amounts are whole GFLOP, all times are UTC, days and the month are Seoul's.

- `accounts`: the company's accounts, each with its balance and the last link of its chain before the month, and the
  month's entries: place, key of the transfer, amount (below zero where the account gave), balance after it, link.
- `transfers`: what moved, with its payload hash.
- `postings`: the usage that the month's transfers pay for or correct, with rates, the SHA-256 of the file it came
  from, and the records in the very text that the posting's digest covers, one job a line.
- `totals`: what the page says. `seal` is the SHA-256 of everything else, in the canonical form of `sealed_text`.

How links, payloads and digests are made is written in `proof`.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from . import proof
from .slurm import charge_of

FORMAT = "camp-credit-statement/1"
SEOUL = timezone(timedelta(hours=9))
FIELDS = 11
USAGE, CORRECTION = "usage", "correction"


class Broken(Exception):
    """What does not add up, in words."""


def sealed_text(statement: Mapping[str, Any]) -> str:
    """All of a statement but its seal, in one canonical form."""
    rest = {name: value for name, value in statement.items() if name != "seal"}
    return json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal_of(statement: Mapping[str, Any]) -> str:
    return proof.sha256(sealed_text(statement))


def read(text: str | bytes) -> dict[str, Any]:
    """The statement in a file. Raises Broken when it is none."""
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_refuse)
    except (ValueError, RecursionError) as error:
        raise Broken(f"the file is no JSON: {error}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Broken(f"the file is no statement of the format {FORMAT}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refuse(value: str) -> Any:
    raise ValueError(f"{value} is no whole number")


def proofs(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each proof as its name and what it found, in their order. Raises Broken at the first that fails."""
    for name, prove in PROOFS:
        try:
            yield name, prove(statement)
        except Broken as broken:
            raise Broken(f"{name}: {broken}") from None
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            raise Broken(f"{name}: something is missing or of another kind ({error!r})") from None


def _demand(holds: bool, broken: str) -> None:
    if not holds:
        raise Broken(broken)


def whole(value: Any) -> int:
    if type(value) is not int:
        raise Broken(f"{value!r} is no whole number")
    return value


def _charges(statement: Mapping[str, Any]) -> str:
    """Units × rate × seconds = charge, job by job; the job began and ended on the days that its posting says."""
    count = 0
    for posting in statement["postings"]:
        rates = {name: whole(rate) for name, rate in posting["rates"].items()}
        days = (date.fromisoformat(posting["start_day"]), date.fromisoformat(posting["end_day"]))
        for text in posting["records"]:
            record = text.split("\x1f")
            _demand(
                len(record) == FIELDS, f"a record of the posting {posting['digest'][:12]} has other columns"
            )
            _kind, job, submit, _revision, _user, _state, started, ended, seconds, held, gflop = record
            charge = charge_of(proof.held_units(held), int(seconds), rates.get).total_gflop
            _demand(charge == int(gflop), f"job {job} costs {charge} GFLOP, and not {gflop}")
            begun = _day(int(started or submit))
            _demand((begun, _day(int(ended))) == days, f"job {job} is not of the days of its posting")
            count += 1
    return f"{count} charges are units × rate × seconds"


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, SEOUL).date()


def _digests(statement: Mapping[str, Any]) -> str:
    """A posting's digest covers its head and its records, and its charge is their sum."""
    seen = set()
    for posting in statement["postings"]:
        name = f"the posting {posting['digest'][:12]} of {posting['end_day']}"
        head = proof.posting_head(
            posting["cluster"],
            posting["account"],
            posting["owner"],
            date.fromisoformat(posting["start_day"]),
            date.fromisoformat(posting["end_day"]),
            posting["rates"],
        )
        digest = proof.posting_digest(head, (f"{record}\n" for record in posting["records"]))
        _demand(digest == posting["digest"], f"{name} has other records than its digest")
        _demand(digest not in seen, f"{name} is there twice")
        seen.add(digest)
        charge = sum(int(record.split("\x1f")[-1]) for record in posting["records"])
        _demand(charge == whole(posting["charge_gflop"]), f"{name} charges {charge} GFLOP by its records")
        _demand(posting["owner"] == statement["company"]["business_number"], f"{name} is another company's")
        file = posting["file_sha256"]
        _demand(len(file) == 64 and not set(file) - set("0123456789abcdef"), f"{name} names no file")
    return f"{len(seen)} postings cover their records, each of a named file"


def _payloads(statement: Mapping[str, Any]) -> str:
    """What a transfer says is what its payload hash covers, its posting's digest among it."""
    known = {posting["digest"] for posting in statement["postings"]}
    keys = set()
    for transfer in statement["transfers"]:
        key, posting = transfer["key"], transfer["posting"]
        _demand(key not in keys, f"the transfer {key} is there twice")
        keys.add(key)
        _demand(whole(transfer["gflop"]) > 0, f"the transfer {key} moves nothing")
        _demand(
            (posting in known) if transfer["kind"] in (USAGE, CORRECTION) else posting == "",
            f"the transfer {key} names another posting",
        )
        payload = proof.payload_hash(
            key,
            transfer["kind"],
            transfer["gflop"],
            transfer["debit"],
            transfer["credit"],
            transfer["reason"],
            datetime.fromisoformat(transfer["effective_at"]),
            posting,
        )
        _demand(payload == transfer["payload_hash"], f"the transfer {key} says something else than its hash")
    return f"{len(keys)} transfers say what their hashes cover"


def _paid(statement: Mapping[str, Any]) -> str:
    """What a posting charges is what was paid for it, resource by resource."""
    paid: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for transfer in statement["transfers"]:
        if transfer["kind"] == USAGE:
            resource = transfer["credit"].split(":", 2)[2]
            paid[transfer["posting"]][resource] += whole(transfer["gflop"])
    charged = 0
    for posting in statement["postings"]:
        if posting["digest"] not in paid:
            continue  # of an earlier month: only corrected in this one
        due: dict[str, int] = defaultdict(int)
        for text in posting["records"]:
            record = text.split("\x1f")
            for line in charge_of(proof.held_units(record[9]), int(record[8]), posting["rates"].get).lines:
                due[line.resource] += line.gflop
        due = {resource: gflop for resource, gflop in due.items() if gflop}
        _demand(
            dict(paid[posting["digest"]]) == due,
            f"the posting {posting['digest'][:12]} of {posting['end_day']} was not paid for as it charges",
        )
        charged += sum(due.values())
    return f"{charged} GFLOP were paid, and each posting as it charges"


def _chains(statement: Mapping[str, Any]) -> str:
    """Each entry is linked to the one before it, without a gap, and its balance follows from that."""
    payloads = {transfer["key"]: transfer for transfer in statement["transfers"]}
    count = 0
    for account in statement["accounts"]:
        code, previous = account["code"], account["opening_hash"]
        seq, balance = whole(account["opening_seq"]), whole(account["opening_gflop"])
        if seq == 0:
            _demand((previous, balance) == (proof.GENESIS, 0), f"{code} opens with something out of nothing")
        for place, key, gflop, after, link in account["entries"]:
            seq, balance = seq + 1, balance + whole(gflop)
            _demand(whole(place) == seq, f"{code} has a gap before its entry {place}")
            _demand(whole(after) == balance, f"{code} has another balance at its entry {place}: {balance}")
            transfer = payloads[key]
            sides = {transfer["debit"]: -transfer["gflop"], transfer["credit"]: transfer["gflop"]}
            _demand(sides.get(code) == gflop, f"{code} says something else of {key} than the transfer")
            previous = proof.entry_hash(previous, code, seq, gflop, after, transfer["payload_hash"])
            _demand(previous == link, f"the chain of {code} is broken at its entry {place}")
            count += 1
        _demand(balance == whole(account["closing_gflop"]), f"{code} does not close with {balance} GFLOP")
        _demand(previous == account["closing_hash"], f"the chain of {code} closes with another link")
    return f"{count} entries of {len(statement['accounts'])} accounts are linked without a gap"


def _complete(statement: Mapping[str, Any]) -> str:
    """Every transfer stands once in the chain of each of the company's accounts that it moves, and nothing else does."""
    own = {account["code"] for account in statement["accounts"]}
    _demand(len(own) == len(statement["accounts"]), "an account is there twice")
    entries = [
        (account["code"], entry[1]) for account in statement["accounts"] for entry in account["entries"]
    ]
    _demand(len(set(entries)) == len(entries), "a transfer stands twice in one chain")
    sides = {
        (side, transfer["key"])
        for transfer in statement["transfers"]
        for side in (transfer["debit"], transfer["credit"])
        if side in own
    }
    _demand(sides == set(entries), "a transfer is missing in a chain, or listed without one")
    for transfer in statement["transfers"]:
        known = {transfer["debit"], transfer["credit"]} & own
        least = 2 if transfer["kind"] in (USAGE, CORRECTION) else 1
        _demand(len(known) >= least, f"an account of the transfer {transfer['key']} is missing")
    _demand(
        {transfer["posting"] for transfer in statement["transfers"]} - {""}
        == {posting["digest"] for posting in statement["postings"]},
        "a posting is there that no transfer of the month names",
    )
    return "every transfer stands in the chains of its accounts"


def totals_of(statement: Mapping[str, Any]) -> dict[str, int]:
    """The figures of the page, out of accounts and transfers. `used` is what was charged in the month, `corrected` what
    was given back of it or of earlier charges; `beyond` are the debts."""
    kinds = {account["code"]: account["kind"] for account in statement["accounts"]}

    def balances(kind: str, name: str) -> int:
        return sum(
            whole(account[f"{name}_gflop"]) for account in statement["accounts"] if account["kind"] == kind
        )

    moved: dict[str, int] = defaultdict(int)
    for transfer in statement["transfers"]:
        debit, credit = kinds.get(transfer["debit"]), kinds.get(transfer["credit"])
        moved[_named(transfer["kind"], debit, credit)] += whole(transfer["gflop"])
    return {
        "opening_gflop": balances("lot", "opening"),
        "granted_gflop": moved["granted"],
        "taken_back_gflop": moved["taken_back"],
        "used_gflop": moved["used"],
        "corrected_gflop": moved["corrected"],
        "settled_gflop": moved["settled"],
        "closing_gflop": balances("lot", "closing"),
        "beyond_opening_gflop": -balances("debt", "opening"),
        "beyond_closing_gflop": -balances("debt", "closing"),
    }


def _named(kind: str, debit: str | None, credit: str | None) -> str:
    if kind == USAGE:
        return "used"
    if kind == CORRECTION:
        return "corrected"
    if credit == "debt":
        return "settled"
    if debit is None:
        return "granted"
    return "taken_back" if credit is None else "moved"


def _sums(statement: Mapping[str, Any]) -> str:
    """Opening + granted − taken back − used + corrected = closing, of lots and debts together; and each figure."""
    totals = totals_of(statement)
    for name, amount in totals.items():
        _demand(whole(statement["totals"][name]) == amount, f"{name} is {amount}")
    _demand(set(statement["totals"]) == set(totals), "there are other totals than these")
    change = (
        totals["granted_gflop"]
        - totals["taken_back_gflop"]
        - totals["used_gflop"]
        + totals["corrected_gflop"]
    )
    opening = totals["opening_gflop"] - totals["beyond_opening_gflop"]
    closing = totals["closing_gflop"] - totals["beyond_closing_gflop"]
    _demand(opening + change == closing, f"{opening} and {change} are not {closing}")
    return f"{opening} + {change} = {closing} GFLOP"


def _seal(statement: Mapping[str, Any]) -> str:
    """Nothing of the file is other than when it was made: names, days and files as well."""
    seal = seal_of(statement)
    _demand(seal == statement["seal"], "something in the file was changed")
    return f"sealed with {seal}"


PROOFS: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("charges", _charges),
    ("digests", _digests),
    ("payloads", _payloads),
    ("paid", _paid),
    ("chains", _chains),
    ("complete", _complete),
    ("sums", _sums),
    ("seal", _seal),
)
