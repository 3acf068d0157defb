"""From facts to the problem that is solved, and to the canonical JSON in which a run is kept. Makes no query."""

from collections.abc import Iterable, Mapping
from typing import Any

from incubator.optimise.assignment import AssignmentResult
from incubator.optimise.assignment_types import Id

from .facts import Facts
from .prose import Likeness, likenesses
from .scoring import DEFAULT_WEIGHTS, PairScore, Weights, score_pair
from .stored import VERSION, told_of_company, told_of_mandate

Scores = Mapping[tuple[Id, Id], PairScore]


def score_all(facts: Facts, weights: Weights = DEFAULT_WEIGHTS) -> Scores:
    """Every pair's score, by (company, firm)."""
    alike = _alike(facts) if weights.prose is not None else {}
    return {
        (company.id, mandate.firm_id): score_pair(
            company, mandate, facts.today, weights, alike.get((company.id, mandate.firm_id))
        )
        for company in facts.companies
        for mandate in facts.mandates
    }


def _alike(facts: Facts) -> Mapping[tuple[Id, Id], Likeness]:
    return likenesses(
        {company.id: company.text for company in facts.companies},
        {mandate.firm_id: mandate.text for mandate in facts.mandates},
    )


def canonical_problem(facts: Facts, scores: Scores, weights: Weights = DEFAULT_WEIGHTS) -> dict[str, Any]:
    """All that the result follows from, equal for equal facts in any order.

    `pairs` are [company, firm, score, conflicts]; days are ISO days, amounts won, ids numbers.
    """
    return {
        "version": VERSION,
        "today": facts.today.isoformat(),
        "minimum": facts.minimum,
        "weights": weights.stored(),
        "companies": sorted(
            (
                {
                    "id": company.id,
                    "sectors": sorted(company.sectors),
                    "stage": company.stage,
                    "ask_krw": company.ask_krw,
                    "founded_on": company.founded_on.isoformat() if company.founded_on else None,
                    "region": company.region,
                    "advisers": sorted(company.adviser_ids),
                    **told_of_company(company),
                }
                for company in facts.companies
            ),
            key=lambda company: company["id"],
        ),
        "firms": sorted(
            (
                {
                    "id": mandate.firm_id,
                    "capacity": mandate.capacity,
                    "sectors": sorted(mandate.sectors),
                    "stages": sorted(mandate.stages),
                    "regions": sorted(mandate.regions),
                    "ticket_min_krw": mandate.ticket_min_krw,
                    "ticket_max_krw": mandate.ticket_max_krw,
                    "max_company_age_years": mandate.max_company_age_years,
                    "advisers": sorted(mandate.member_ids),
                    **told_of_mandate(mandate),
                    "holdings": sorted(
                        (
                            [
                                holding.name,
                                holding.company_id,
                                sorted(holding.sectors),
                                holding.rival_confirmed,
                            ]
                            for holding in mandate.holdings
                        ),
                        key=str,
                    ),
                }
                for mandate in facts.mandates
            ),
            key=lambda firm: firm["id"],
        ),
        "pairs": sorted(
            [company, firm, found.score, ",".join(found.conflicts)]
            for (company, firm), found in scores.items()
        ),
    }


def canonical_result(result: AssignmentResult) -> dict[str, Any]:
    return {
        "pairs": sorted([company, firm] for company, firm in result.pairs),
        "objective": result.objective,
        "bound": result.bound,
        "shortfalls": shortfalls_of(result),
    }


def shortfalls_of(result: AssignmentResult) -> list[dict[str, Any]]:
    return [
        {"company": short.left, "missing": short.missing, "cause": short.cause} for short in result.shortfalls
    ]


def export_of(
    problem: Mapping[str, Any], result: Iterable[tuple[int, int]], *, objective: int, bound: int
) -> dict[str, Any]:
    """A run for whoever wants to check it: what was asked and what was found. Scores count 1/10,000."""
    return {
        "companies": [company["id"] for company in problem["companies"]],
        "firms": [{"id": firm["id"], "capacity": firm["capacity"]} for firm in problem["firms"]],
        "minimum": problem["minimum"],
        "pairs": [
            {
                "company": company,
                "firm": firm,
                "score": score,
                "allowed": not conflicts,
                "reason": conflicts,
            }
            for company, firm, score, conflicts in problem["pairs"]
        ],
        "result": [{"company": company, "firm": firm} for company, firm in sorted(result)],
        "objective": objective,
        "bound": bound,
    }
