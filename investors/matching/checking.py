"""The independent check of a run, from the JSON that is kept: its own arithmetic, nothing of the solver's.

It imports no module that scores, solves or explains, so a mistake there cannot hide here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FULL = 10_000
_DOUBLINGS = 10


def check_run(
    *,
    problem: Mapping[str, Any],
    pairs: Iterable[tuple[int, int]],
    objective: int,
    bound: int,
    shortfalls: Sequence[Mapping[str, Any]],
    explained: Sequence[Sequence[Any]],
    reasons: Mapping[str, Any],
    prices: Mapping[str, Any],
) -> list[str]:
    """Every broken promise in a sentence; empty when the run is what it says it is."""
    chosen = list(pairs)
    said = {(company, firm): (points, codes) for company, firm, points, codes in problem["pairs"]}
    return [
        *_limits(problem, said, chosen),
        *_sums(problem, said, chosen, objective, reasons),
        *_minimum(problem, said, chosen, shortfalls),
        *_explanations(problem, said, chosen, explained),
        *_proof(problem, said, chosen, objective, bound, prices),
    ]


Said = Mapping[tuple[int, int], tuple[int, str]]
Chosen = Sequence[tuple[int, int]]


def _open(problem: Mapping[str, Any], said: Said) -> set[tuple[int, int]]:
    """The pairs that nothing keeps apart."""
    forbidden = {(company, firm) for company, firm in problem.get("forbidden", ())}
    return {ends for ends, (_points, codes) in said.items() if not codes} - forbidden


def _limits(problem: Mapping[str, Any], said: Said, chosen: Chosen) -> list[str]:
    broken = []
    allowed, once = _open(problem, said), Counter(chosen)
    broken += [f"pair {ends} is there {times} times" for ends, times in once.items() if times > 1]
    broken += [f"pair {ends} is kept apart and matched" for ends in once if ends not in allowed]
    for company, firm, code, _until in problem.get("limits", ()):
        codes = said.get((company, firm), (0, code))[1].split(",")
        if code not in codes:
            broken.append(f"limit {code} of {(company, firm)} was forgotten")
    for company, code in problem.get("apart", ()):
        broken += [
            f"limit {code} of company {company} was forgotten"
            for (each, _firm), (_points, codes) in said.items()
            if each == company and code not in codes.split(",")
        ]
    load = Counter(firm for _company, firm in chosen)
    broken += [
        f"firm {firm['id']} has {load[firm['id']]} introductions and takes {firm['capacity']}"
        for firm in problem["firms"]
        if load[firm["id"]] > firm["capacity"]
    ]
    broken += [
        f"locked pair {(company, firm)} was let go"
        for company, firm in problem.get("locked", ())
        if (company, firm) not in once
    ]
    return broken


def _sums(
    problem: Mapping[str, Any], said: Said, chosen: Chosen, objective: int, reasons: Mapping[str, Any]
) -> list[str]:
    """Reasons add up to the fit, fit and wishes to the points, points to the objective."""
    broken = []
    place = reasons["fields"].index("contribution") if said else 0
    lifts = {(company, firm): bracket + bonus for company, firm, bracket, bonus in problem.get("lifts", ())}
    for (company, firm), (points, _codes) in said.items():
        fit = points - lifts.get((company, firm), 0)
        parts = reasons["pairs"].get(f"{company}-{firm}")
        if parts is None:
            broken.append(f"pair {(company, firm)} has no reasons")
        elif sum(part[place] for part in parts) != fit or not 0 <= fit <= FULL:
            broken.append(f"the reasons of pair {(company, firm)} do not add up to {fit}")
    total = sum(said[ends][0] for ends in chosen if ends in said)
    if total != objective:
        broken.append(f"the points add up to {total}, not to {objective}")
    return broken


def _minimum(
    problem: Mapping[str, Any], said: Said, chosen: Chosen, shortfalls: Sequence[Mapping[str, Any]]
) -> list[str]:
    broken = []
    firms_of: dict[int, set[int]] = defaultdict(set)
    for company, firm in _open(problem, said):
        firms_of[company].add(firm)
    held: dict[int, set[int]] = defaultdict(set)
    for company, firm in chosen:
        held[company].add(firm)
    load = Counter(firm for _company, firm in chosen)
    free = {firm["id"] for firm in problem["firms"] if load[firm["id"]] < firm["capacity"]}
    told = {short["company"]: short for short in shortfalls}
    for company in (each["id"] for each in problem["companies"]):
        missing = max(problem["minimum"] - len(held[company]), 0)
        short = told.pop(company, None)
        if missing != (short["missing"] if short else 0):
            broken.append(f"company {company} misses {missing} introductions and the run says otherwise")
        elif short and (firms_of[company] - held[company]) & free:
            broken.append(f"company {company} is short while a firm that it may have has a seat")
        elif short and (short["cause"] == "no_eligible_firm") != (firms_of[company] == held[company]):
            broken.append(f"company {company} is short for another cause than {short['cause']}")
    return broken + [f"unknown company {company} is short" for company in told]


def _explanations(
    problem: Mapping[str, Any], said: Said, chosen: Chosen, explained: Sequence[Sequence[Any]]
) -> list[str]:
    """Every allowed pair is matched or says why not; "full" is said of full firms only."""
    broken = []
    told = {(company, firm): (why, needs) for company, firm, why, needs in explained}
    load = Counter(firm for _company, firm in chosen)
    seats = {firm["id"]: firm["capacity"] for firm in problem["firms"]}
    if told.keys() != _open(problem, said) - set(chosen) or len(told) != len(explained):
        broken.append("the pairs explained are not those that were not matched")
    for ends, (why, needs) in told.items():
        full = load[ends[1]] >= seats.get(ends[1], 0)
        if needs < 0 or (why in ("capacity", "minimum_of_another") and not full):
            broken.append(f"pair {ends} has no honest explanation")
    return broken


def _proof(
    problem: Mapping[str, Any],
    said: Said,
    chosen: Chosen,
    objective: int,
    bound: int,
    prices: Mapping[str, Any],
) -> list[str]:
    """Weak duality, anew: for any prices of places that are not negative, no choice of pairs is worth more."""
    most, least, seat = (dict(prices[name]) for name in ("maximum", "minimum", "capacity"))
    broken = []
    if any(price < 0 for each in (most, least, seat) for price in each.values()):
        broken.append("a price is negative")
    allowed, locked = _open(problem, said), {(c, f) for c, f in problem.get("locked", ())}
    companies = [company["id"] for company in problem["companies"]]
    room = max(len(problem["firms"]), problem["minimum"])
    kind = FULL if all(points <= FULL for points, _codes in said.values()) else 4 * FULL
    unit = (min(len(companies), len(problem["firms"])) + 1) * kind + 1
    held = Counter(company for company, _firm in chosen)
    total = penalty = 0
    for company in companies:
        price = least.get(company, 0)
        total += most.get(company, 0) * room - price * problem["minimum"]
        for step in range(problem["minimum"]):
            cost = unit * 2 ** min(step, _DOUBLINGS)
            total += max(price - cost, 0)
            penalty += cost if step < problem["minimum"] - held[company] else 0
    total += sum(seat.get(firm["id"], 0) * firm["capacity"] for firm in problem["firms"])
    for company, firm in allowed:
        gain = said[company, firm][0] - most.get(company, 0) + least.get(company, 0) - seat.get(firm, 0)
        total += gain if (company, firm) in locked else max(gain, 0)
    if total + penalty != bound:
        broken.append(f"the prices prove a bound of {total + penalty}, not of {bound}")
    if objective > bound:
        broken.append(f"the objective {objective} is over its bound {bound}")
    return broken
