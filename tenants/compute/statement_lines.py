"""What a statement says, line by line: the same words and figures for the page, the PDF and the CSV."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incubator.common import display
from incubator.common.downloads import Cell
from tenants.compute.enums import AccountKind, TransferKind
from tenants.compute.models import CreditAccount, UsageRecord
from tenants.compute.selectors.statements import Statement
from tenants.compute.wording import resource_name

CHARGES_ON_PAPER = 1_000


@dataclass(frozen=True)
class Line:
    name: str
    gflop: int
    strong: bool = False


@dataclass(frozen=True)
class PartLine:
    name: str
    code: str
    opening: int
    into: int
    out: int
    closing: int


@dataclass(frozen=True)
class Moved:
    day: datetime | Any
    kind: str
    reason: str
    gflop: int


def summary(statement: Statement) -> list[Line]:
    """From the balance before to the balance after: what is between them adds up."""
    totals = statement.totals
    lines = [
        Line(_("At the beginning"), statement.opening, strong=True),
        Line(_("Granted"), totals["granted_gflop"]),
        Line(_("Taken back or ended"), -totals["taken_back_gflop"]),
        Line(_("Charged for jobs"), -totals["used_gflop"]),
        Line(_("Given back by corrections"), totals["corrected_gflop"]),
    ]
    shown = [line for line in lines if line.gflop or line.strong]
    shown.append(Line(_("At the end"), statement.closing, strong=True))
    if totals["beyond_closing_gflop"]:
        shown.append(Line(_("of that used beyond the grants"), -totals["beyond_closing_gflop"]))
    return shown


def account_name(account: CreditAccount) -> str:
    if account.kind == AccountKind.LOT:
        return f"{account.allocation.programme} ({display.period(account.allocation.period)})"
    if account.kind == AccountKind.USAGE and account.resource is not None:
        return _("Used: %(resource)s") % {"resource": resource_name(account.resource.code)}
    return _("Used beyond the grants")


def parts(statement: Statement) -> list[PartLine]:
    return [
        PartLine(
            account_name(part.account), part.account.code, part.opening, part.into, part.out, part.closing
        )
        for part in statement.parts
    ]


def movements(statement: Statement) -> list[Moved]:
    """Grants and what was taken back, then corrections of earlier charges."""
    made = [
        Moved(move.transfer.recorded_at, move.transfer.get_kind_display(), move.transfer.reason, move.gflop)
        for move in statement.movements
    ]
    corrected = [
        Moved(
            correction.day,
            str(TransferKind.CORRECTION.label),
            _("Jobs of %(account)s that the data centre corrected (file %(file)s…)")
            % {"account": correction.account, "file": correction.file_sha256[:12]},
            correction.gflop,
        )
        for correction in statement.corrections
    ]
    return [*made, *corrected]


def csv_rows(statement: Statement, records: Iterable[UsageRecord]) -> Iterator[list[Cell]]:
    """Every booking, the header first. The GFLOP of all rows between the two balances add up to their difference."""
    yield [
        _("Kind"),
        _("Booked"),
        _("Job"),
        _("User"),
        _("Cluster"),
        _("Account"),
        _("State"),
        _("Started"),
        _("Ended"),
        _("Seconds"),
        _("Resource"),
        _("Units"),
        _("Rate, GFLOP/s"),
        _("Amount, GFLOP"),
        _("Amount, PF·h"),
        _("SHA-256 of the file"),
        _("Reason"),
    ]
    blank: list[Cell] = [None] * 10
    yield [
        _("At the beginning"),
        statement.month.first,
        *blank,
        None,
        *_amount(statement.opening),
        None,
        None,
    ]
    for move in statement.movements:
        made = move.transfer
        kind, booked = made.get_kind_display(), made.recorded_at
        yield [kind, booked, *blank, None, *_amount(move.gflop), None, made.reason]
    for correction in statement.corrections:
        place: list[Cell] = [
            None,
            None,
            None,
            correction.account,
            None,
            None,
            correction.day,
            None,
            None,
            None,
        ]
        label = str(TransferKind.CORRECTION.label)
        yield [label, None, *place, None, *_amount(correction.gflop), correction.file_sha256, None]
    for record in records:
        for line in record.lines:
            yield [
                str(TransferKind.USAGE.label),
                record.posting.recorded_at,
                record.job_shown,
                record.user,
                record.cluster.name,
                record.account,
                record.state,
                record.started_at,
                record.ended_at,
                record.elapsed_seconds,
                line["resource"],
                line["units"],
                line["rate"],
                *_amount(-line["gflop"]),
                record.posting.file_sha256,
                None,
            ]
    yield [_("At the end"), statement.month.last, *blank, None, *_amount(statement.closing), None, None]


def _amount(gflop: int) -> list[Cell]:
    return [gflop, display.petaflop_hours(gflop)]


def paper(
    statement: Statement,
    records: Iterable[UsageRecord],
    *,
    camp: Any,
    seal: str,
    now: datetime,
) -> Mapping[str, Any]:
    """All that statement.typ needs, in the reader's language."""
    month, company = display.month(statement.month.first), statement.company
    title = _("Statement of compute credits, %(month)s") % {"month": month}
    days = f"{display.day(statement.month.first)} – {display.day(statement.month.last)}"
    files: dict[str, tuple[str, datetime]] = {}
    charges = [_charge(record, files) for record in records]
    hidden = statement.jobs - len(charges)
    notice = _(
        "This month is not over: what is booked until its last midnight will be added. After that the statement never changes."
    )
    more = _("%(count)s more jobs are in the CSV and the JSON file.") % {"count": display.number(hidden)}
    proof = _(
        "The JSON file of this month proves every charge, sum and link by itself: manage.py verify_statement FILE. Its seal is"
    )
    return {
        "lang": "ko" if (get_language() or "").startswith("ko") else "en",
        "title": title,
        "operator": f"{camp.display_name} · {camp.operator_name}",
        "headline": title,
        "subtitle": f"{company.name} · {company.business_number_shown} · {days}",
        "footer": _("%(company)s · %(title)s · made %(moment)s")
        % {"company": company.name, "title": month, "moment": display.moment(now)},
        "notices": [] if statement.complete else [notice],
        "summary": [
            {"name": line.name, "amount": display.pfh(line.gflop), "strong": line.strong}
            for line in summary(statement)
        ],
        "accounts": [
            {
                "name": part.name,
                "code": part.code,
                "opening": display.pfh(part.opening),
                "into": display.pfh(part.into),
                "out": display.pfh(part.out),
                "closing": display.pfh(part.closing),
            }
            for part in parts(statement)
        ],
        "movements": [
            {
                "day": display.day(line.day),
                "kind": line.kind,
                "reason": line.reason,
                "amount": display.pfh(line.gflop),
            }
            for line in movements(statement)
        ],
        "charges": charges,
        "charges_note": more if hidden > 0 else "",
        "imports": [
            {"number": number, "read": display.moment(read_at), "sha256": sha256}
            for sha256, (number, read_at) in files.items()
        ],
        "proof": proof,
        "seal": seal,
        "words": {
            "summary": _("In short"),
            "what": _("What"),
            "pfh": "PF·h",
            "accounts": _("By account"),
            "account": _("Account"),
            "opening": _("At the beginning"),
            "into": _("Came in"),
            "out": _("Went out"),
            "closing": _("At the end"),
            "movements": _("Grants and corrections"),
            "day": _("Day"),
            "kind": _("Kind"),
            "reason": _("Reason"),
            "charges": _("Charges"),
            "no_charges": _("No job was charged in this month."),
            "job": _("Job"),
            "user": _("User"),
            "ended": _("Ended"),
            "how": _("How it was charged"),
            "imports": _("Files that the charges were read from"),
            "number": _("No."),
            "read": _("Read at"),
            "proof": _("Proof"),
        },
    }


def _charge(record: UsageRecord, files: dict[str, tuple[str, datetime]]) -> dict[str, Any]:
    """A job's row; notes the file it came from, which the row names by its number."""
    posting = record.posting
    number, _read_at = files.setdefault(posting.file_sha256, (f"[{len(files) + 1}]", posting.recorded_at))
    how = [
        _("%(name)s %(units)s × %(rate)s GFLOP/s × %(seconds)s s = %(gflop)s GFLOP")
        % {
            "name": resource_name(line["resource"]),
            "units": display.number(line["units"]),
            "rate": display.number(line["rate"]),
            "seconds": display.number(record.elapsed_seconds),
            "gflop": display.number(line["gflop"]),
        }
        for line in record.lines
    ]
    return {
        "job": record.job_shown,
        "user": record.user or "–",
        "ended": display.moment(record.ended_at),
        "how": how,
        "source": number,
        "amount": display.pfh(record.charge_gflop),
    }
