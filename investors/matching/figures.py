"""What a run did to companies and firms, in figures. Plain data, makes no query."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from .solving import Answer, ends
from .wishes import MUST_AND_MEET, MUTUAL_MEET, MUTUAL_MUST

FULL = 10_000


def gini(counts: Sequence[int]) -> int:
    """How unequal counts are, in 1/10,000: 0 when all are equal, towards 10,000 when one has everything."""
    total, number = sum(counts), len(counts)
    if not total:
        return 0
    ranked = sum(at * count for at, count in enumerate(sorted(counts), start=1))
    return round(FULL * (2 * ranked - (number + 1) * total) / (number * total))


def figures_of(kept: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    """Fairness, loads, the price of the minimum, the stable choice beside it, and the certificate (`prices`)."""
    result = answer.result
    held = Counter(company for company, _firm in result.pairs)
    counts = [held[company["id"]] for company in kept["companies"]]
    load = Counter(firm for _company, firm in result.pairs)
    minimum = kept["minimum"]
    codes: Counter[str] = Counter()
    for _company, _firm, _points, said in kept["pairs"]:
        codes.update(filter(None, said.split(",")))
    allowed = sum(pair.allowed for pair in answer.problem.pairs)
    return {
        "pairs": len(kept["pairs"]),
        "allowed": allowed,
        "limits": dict(sorted(codes.items())),
        "introductions": {
            "total": len(result.pairs),
            "least": min(counts, default=0),
            "median": median(counts) if counts else 0,
            "most": max(counts, default=0),
            "gini": gini(counts),
            "histogram": sorted([count, number] for count, number in Counter(counts).items()),
        },
        "seats": sum(firm["capacity"] for firm in kept["firms"]),
        "loads": [[firm["id"], load[firm["id"]], firm["capacity"]] for firm in kept["firms"]],
        "minimum": {
            "short": sum(short.missing for short in result.shortfalls),
            "companies_short": len(result.shortfalls),
            **_without(kept, answer, minimum),
        },
        "stable": {
            "objective": answer.stable.objective,
            "pairs": len(answer.stable.pairs),
            "blocking": answer.stable.blocking,
            "companies_short": _short(kept, Counter(c for c, _f in answer.stable.pairs), minimum),
            "kept": len(set(answer.stable.pairs) & set(result.pairs)),
        },
        "blocking": answer.blocking,
        "wishes": _honoured(kept, answer),
        "prices": {
            name: sorted([key, price] for key, price in getattr(result.prices, name).items())
            for name in ("maximum", "minimum", "capacity")
        },
    }


def _without(kept: Mapping[str, Any], answer: Answer, minimum: int) -> dict[str, int]:
    free = answer.without_minimum
    return {
        "price": free.objective - answer.result.objective,
        "short_without": _short(kept, Counter(company for company, _firm in free.pairs), minimum),
    }


def _short(kept: Mapping[str, Any], held: Mapping[Any, int], minimum: int) -> int:
    return sum(held.get(company["id"], 0) < minimum for company in kept["companies"])


def _honoured(kept: Mapping[str, Any], answer: Answer) -> list[list[Any]]:
    """Of the pairs in each bracket that no limit keeps apart, how many are matched: [bracket, matched, of]."""
    allowed = {ends((pair.left, pair.right)) for pair in answer.problem.pairs if pair.allowed}
    matched = {ends(pair) for pair in answer.result.pairs}
    found = []
    for bracket in (MUTUAL_MUST, MUST_AND_MEET, MUTUAL_MEET):
        pairs = {(c, f) for c, f, worth, _bonus in kept.get("lifts", ()) if worth == bracket} & allowed
        found.append([bracket, len(pairs & matched), len(pairs)])
    return found


def explained_of(answer: Answer) -> list[list[Any]]:
    """Of every allowed pair that was not matched: company, firm, why, and the points that it lacks at least."""
    return sorted([pair.left, pair.right, pair.why, pair.needs_points] for pair in answer.result.unmatched)
