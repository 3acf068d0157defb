"""What a stored run says of each company and firm, beyond what the first runs knew; and such runs read back as facts.

Runs of version 1 know neither tags nor standing, texts and shares: read back, these are unknown, and the weights that
such a run keeps do not ask for them. So every stored run can be scored again to the same numbers.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from investors.firms.vocabulary import TagFact

from .facts import Facts
from .scoring import CompanyFacts, HoldingFacts, MandateFacts, Standing, YoungShare

VERSION = 3


def told_of_company(company: CompanyFacts) -> dict[str, Any]:
    at = company.standing
    return {
        "tags": _stored_tags(company.tags),
        "standing": [at.employees, at.fewer, at.equal, at.others] if at else None,
        "text": company.text,
    }


def told_of_mandate(mandate: MandateFacts) -> dict[str, Any]:
    share = mandate.young_share
    return {
        "tags": _stored_tags(mandate.tags),
        "young_share": [share.young, share.known] if share else None,
        "text": mandate.text,
    }


def facts_of(problem: Mapping[str, Any]) -> Facts:
    """Both sides of a stored run, of whatever version."""
    return Facts(
        today=date.fromisoformat(problem["today"]),
        minimum=problem["minimum"],
        companies=tuple(map(_company, problem["companies"])),
        mandates=tuple(map(_mandate, problem["firms"])),
    )


def _company(row: Mapping[str, Any]) -> CompanyFacts:
    standing = row.get("standing")
    return CompanyFacts(
        id=row["id"],
        sectors=frozenset(row["sectors"]),
        stage=row["stage"],
        ask_krw=row["ask_krw"],
        founded_on=date.fromisoformat(row["founded_on"]) if row["founded_on"] else None,
        region=row["region"],
        adviser_ids=frozenset(row["advisers"]),
        tags=_tags(row.get("tags", ())),
        standing=Standing(*standing) if standing else None,
        text=row.get("text", ""),
    )


def _mandate(row: Mapping[str, Any]) -> MandateFacts:
    share = row.get("young_share")
    return MandateFacts(
        firm_id=row["id"],
        sectors=frozenset(row["sectors"]),
        stages=frozenset(row["stages"]),
        ticket_min_krw=row["ticket_min_krw"],
        ticket_max_krw=row["ticket_max_krw"],
        regions=frozenset(row["regions"]),
        max_company_age_years=row["max_company_age_years"],
        capacity=row["capacity"],
        holdings=tuple(
            HoldingFacts(name, company_id, frozenset(sectors), rival)
            for name, company_id, sectors, rival in row["holdings"]
        ),
        member_ids=frozenset(row["advisers"]),
        tags=_tags(row.get("tags", ())),
        text=row.get("text", ""),
        young_share=YoungShare(*share) if share else None,
    )


def _stored_tags(tags: Iterable[TagFact]) -> list[list[Any]]:
    return sorted([tag.code, tag.ko, tag.en, list(tag.above)] for tag in tags)


def _tags(rows: Iterable[Any]) -> frozenset[TagFact]:
    return frozenset(TagFact(code, ko, en, tuple(above)) for code, ko, en, above in rows)
