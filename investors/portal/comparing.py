"""Companies side by side, and where they differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from incubator.common import display
from tenants.companies.models import Company

MOST = 4


@dataclass(frozen=True)
class Compared:
    """One line of the comparison: each company with its value, in their order."""

    label: str
    cells: Sequence[tuple[Company, Any]]

    @property
    def differs(self) -> bool:
        return len({str(value) for _company, value in self.cells}) > 1


def asked(slugs: Iterable[str]) -> list[str]:
    """The first few addresses, each once."""
    return list(dict.fromkeys(slug[:60] for slug in slugs))[:MOST]


def compare(companies: Sequence[Company], scores: Mapping[int, Decimal]) -> list[Compared]:
    """`scores` has what the firm's own published matches say, by company."""

    def line(label: str, value: Any) -> Compared:
        return Compared(label, [(company, value(company) or "–") for company in companies])

    return [
        line(_("Sectors"), lambda company: ", ".join(company.sector_labels)),
        line(_("Stage"), lambda company: company.get_stage_display()),
        line(_("Region"), lambda company: company.get_region_display()),
        line(_("Investment sought"), lambda company: display.won_exact(company.ask_krw)),
        line(_("Founded"), lambda company: display.day(company.founded_on)),
        line(_("Employees"), lambda company: display.number(company.employees)),
        line(
            _("Fit for your firm"),
            lambda company: display.score(scores[company.pk]) if company.pk in scores else "",
        ),
        line(_("What it does"), lambda company: company.summary),
    ]
