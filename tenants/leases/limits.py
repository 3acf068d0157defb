"""What the policy in force allows a company, in days. Reads nothing by itself."""

from collections.abc import Iterable
from datetime import date

from incubator.common.display import day, number
from tenants.companies.models import Company

from .errors import (
    CompanyTooOld,
    ExtensionStepTooLong,
    ExtensionTooLong,
    TermTooLong,
    TooManyYears,
    day_in_words,
)
from .models import LeasePolicy
from .terms import ONE_DAY, last_of_term

MONTHS_OF_A_YEAR = 12


def age_limit(company: Company, policy: LeasePolicy) -> tuple[int, date] | None:
    """Years that the company may be old (more in a notified new industry), and the last day on which it is younger.

    None while the day of its founding is not known: then the rule cannot be measured.
    """
    if company.founded_on is None:
        return None
    new = bool(set(company.sectors) & set(policy.new_industries))
    years = policy.new_industry_age_years if new else policy.age_years
    return years, last_of_term(company.founded_on, years * MONTHS_OF_A_YEAR)


def days_held(spans: Iterable[tuple[date, date]]) -> int:
    """Days that the half-open spans hold together, a day that several hold counted once."""
    total, reached = 0, date.min
    for first, until in sorted(spans):
        total += max(0, (until - max(first, reached)).days)
        reached = max(reached, until)
    return total


def check_term(policy: LeasePolicy, first: date, last: date, *, extending: bool = False) -> None:
    """Raises TermTooLong (ExtensionTooLong when `extending`)."""
    latest = last_of_term(first, policy.term_months)
    if last > latest:
        refusal = ExtensionTooLong if extending else TermTooLong
        raise refusal(
            months=policy.term_months,
            first=day_in_words(first),
            latest=day_in_words(latest),
            source=policy.source,
        )


def check_step(policy: LeasePolicy, last: date, until: date) -> None:
    """Raises ExtensionStepTooLong for an extension from the day after `last` until `until`."""
    latest = last_of_term(last + ONE_DAY, policy.extension_months)
    if until > latest:
        raise ExtensionStepTooLong(
            months=policy.extension_months, latest=day_in_words(latest), source=policy.source
        )


def check_company(
    policy: LeasePolicy,
    company: Company,
    first: date,
    last: date,
    others: Iterable[tuple[date, date]],
    *,
    field: str = "last_day",
) -> None:
    """`others` are the half-open spans of the company's other leases. Raises CompanyTooOld, TooManyYears."""
    allowed = age_limit(company, policy)
    if allowed is not None and last > allowed[1]:
        raise CompanyTooOld(
            field=field,
            years=allowed[0],
            founded=day(company.founded_on),
            latest=day_in_words(allowed[1]),
            source=policy.source,
        )
    spans = [*others, (first, last + ONE_DAY)]
    held = days_held(spans)
    begun = min(span[0] for span in spans)
    most = (last_of_term(begun, policy.years_in_all * MONTHS_OF_A_YEAR) + ONE_DAY - begun).days
    if held > most:
        raise TooManyYears(
            field=field,
            years=policy.years_in_all,
            days=number(held),
            allowed=number(most),
            source=policy.source,
        )
