import json
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from incubator.common.dbroles import acting_as_system
from incubator.common.forms import parse_day
from tenants.leases.selectors import WaivedLine, waived_lines

WRONG_USAGE = 2


class Command(BaseCommand):
    """Exits with 1 when a day without a rate keeps an amount from being known, 2 on wrong usage."""

    help = "Waived rent and fee in won, lease by lease, for the days from --from to --to, both included."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from", dest="first", metavar="DAY", required=True, help="first day, like 2026-01-01"
        )
        parser.add_argument("--to", dest="last", metavar="DAY", required=True, help="last day, included")
        parser.add_argument("--json", action="store_true", help="a JSON list instead of a table")

    def handle(self, *args: Any, first: str, last: str, json: bool, **options: Any) -> None:
        first_day, last_day = self._day(first), self._day(last)
        if last_day < first_day:
            raise CommandError("--to lies before --from", returncode=WRONG_USAGE)
        with acting_as_system():
            lines = waived_lines(first_day, last_day)
        gaps = [line for line in lines if line.waived.gaps]
        for line in gaps:
            days = ", ".join(str(gap) for gap in line.waived.gaps)
            self.stderr.write(
                f"{line.business_number} {line.building} {line.space}: no rate is known for {days}"
            )
        if gaps:
            raise CommandError("amounts are unknown; set the missing rates first", returncode=1)
        self.stdout.write(_as_json(lines) if json else _as_table(lines))

    def _day(self, text: str) -> date:
        try:
            return parse_day(text)
        except ValidationError as error:
            raise CommandError(f"{text}: {error.messages[0]}", returncode=WRONG_USAGE) from error


def _as_json(lines: list[WaivedLine]) -> str:
    rows = [
        {
            "business_number": line.business_number,
            "building": line.building,
            "space": line.space,
            "first_day": line.first_day.isoformat(),
            "last_day": line.last_day.isoformat(),
            "rent_krw": line.waived.rent_krw,
            "fee_krw": line.waived.fee_krw,
        }
        for line in lines
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def _as_table(lines: list[WaivedLine]) -> str:
    rows = [
        f"{line.business_number}  {line.building} {line.space}  {line.first_day} – {line.last_day}"
        f"  {line.waived.rent_krw:>13,}  {line.waived.fee_krw:>13,}"
        for line in lines
    ]
    rent, fee = (sum(getattr(line.waived, name) for line in lines) for name in ("rent_krw", "fee_krw"))
    return "\n".join([*rows, f"leases {len(lines)}, rent {rent:,}, fee {fee:,}"])
