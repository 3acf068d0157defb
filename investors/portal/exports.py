"""The investors' lists as files: the same rows as on their pages, and not one more column."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from incubator.common.downloads import Cell
from investors.firms.models import Holding
from investors.matching.models import Introduction, Investment
from investors.matching.views import ShownMatch
from tenants.companies.models import Company, ShownTeaser


def companies(found: Iterable[Company]) -> Iterator[list[Cell]]:
    yield [
        _("Company"),
        _("English name"),
        _("Sectors"),
        _("Stage"),
        _("Region"),
        _("Founded"),
        _("Employees"),
        _("Investment sought, won"),
        _("Homepage"),
        _("What it does"),
    ]
    for company in found:
        yield [
            company.name,
            company.name_en,
            ", ".join(company.sector_labels),
            company.get_stage_display(),
            company.get_region_display(),
            company.founded_on,
            company.employees,
            company.ask_krw,
            company.homepage,
            company.summary,
        ]


def teasers(found: Iterable[ShownTeaser]) -> Iterator[list[Cell]]:
    yield [
        _("Code"),
        _("Sectors"),
        _("Stage"),
        _("Region"),
        _("Employees"),
        _("Investment sought"),
        _("What it does"),
    ]
    for teaser in found:
        yield [
            teaser.code,
            ", ".join(teaser.sector_labels),
            teaser.get_stage_display(),
            teaser.get_region_display(),
            teaser.get_people_display(),
            teaser.get_ask_display(),
            teaser.text,
        ]


def matches(found: Iterable[ShownMatch]) -> Iterator[list[Cell]]:
    yield [_("Company"), _("Score"), _("Reasons"), _("Not known")]
    for each in found:
        yield [
            each.match.company.name,
            each.score,
            " / ".join(f"{reason.label} {reason.points}: {reason.note}" for reason in each.reasons),
            ", ".join(map(str, each.missing)),
        ]


def introductions(found: Iterable[Introduction]) -> Iterator[list[Cell]]:
    yield [_("Company"), _("State"), _("Company agreed"), _("Meeting"), _("Where")]
    for each in found:
        yield [
            each.company.name,
            each.get_state_display(),
            each.answered_at,
            each.meets_at,
            each.meets_where,
        ]


def portfolio(investments: Sequence[Investment], holdings: Iterable[Holding]) -> Iterator[list[Cell]]:
    yield [_("Company"), _("Day"), _("Round"), _("Amount, won"), _("Sectors")]
    for each in investments:
        yield [
            each.company.name,
            each.invested_on,
            each.get_funding_round_display(),
            each.amount_krw,
            ", ".join(each.company.sector_labels),
        ]
    for holding in holdings:
        yield [holding.company_name, None, None, None, ", ".join(holding.sector_labels)]
