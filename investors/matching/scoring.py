"""How well a company fits what a firm looks for, with reasons that add up to the score. Knows no Django.

Scores and values count 1/10,000. What one side does not say is *missing*: its weight goes to what is known,
so silence is never counted as a mismatch.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal

Key = Literal["sector", "stage", "ticket", "age", "region"]
Conflict = Literal["already_invested", "holds_rival", "adviser_is_member"]

STAGES = ("pre", "seed", "pre_a", "series_a", "series_b")
SECTORS = (
    "healthcare",
    "manufacturing",
    "robotics",
    "mobility",
    "energy",
    "security",
    "education",
    "culture",
    "agriculture",
    "semiconductor",
    "speech_language",
    "safety",
)
NATIONWIDE = "nationwide"
CAMP_REGION = "gwangju_jeonnam"
REGIONS = (NATIONWIDE, CAMP_REGION, "capital_area", "other")

FULL = 10_000
# By steps between the company's stage and the nearest that the firm invests in.
STAGE_VALUES = (FULL, 5_000, 2_000)
# An ask this many times beyond the ticket is worth nothing; between, the value falls with the logarithm.
TICKET_REACH = 10


class ScoringError(ValueError):
    """Facts that make no sense: `code` is unknown_code, negative or empty_ticket_range."""

    def __init__(self, code: str, field: str, value: object) -> None:
        self.code = code
        self.field = field
        self.value = value
        super().__init__(f"{field}: {code}: {value}")


def _known(field: str, codes: Iterable[str], known: Sequence[str]) -> None:
    for code in codes:
        if code not in known:
            raise ScoringError("unknown_code", field, code)


def _not_negative(field: str, value: int | None) -> None:
    if value is not None and value < 0:
        raise ScoringError("negative", field, value)


@dataclass(frozen=True, slots=True)
class Weights:
    """Relative weights of the components, under the version by which a stored run names them."""

    version: str
    sector: int
    stage: int
    ticket: int
    age: int
    region: int

    def __post_init__(self) -> None:
        for each in fields(self)[1:]:
            _not_negative(each.name, getattr(self, each.name))


DEFAULT_WEIGHTS = Weights(version="2026-1", sector=35, stage=25, ticket=20, age=10, region=10)


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """A company that looks for money. Unknown is an empty set or text, or None; an ask of 0 asks for none."""

    id: int | str
    sectors: frozenset[str] = frozenset()
    stage: str = ""
    ask_krw: int | None = None
    founded_on: date | None = None
    region: str = CAMP_REGION
    adviser_ids: frozenset[int | str] = frozenset()

    def __post_init__(self) -> None:
        _known("sectors", self.sectors, SECTORS)
        _known("stage", filter(None, [self.stage]), STAGES)
        _known("region", filter(None, [self.region]), REGIONS)
        _not_negative("ask_krw", self.ask_krw)


@dataclass(frozen=True, slots=True)
class HoldingFacts:
    """A company in which the firm holds shares: a resident (`company_id`) or any other.

    `rival_confirmed`: a person has confirmed that it competes in its sectors.
    """

    name: str = ""
    company_id: int | str | None = None
    sectors: frozenset[str] = frozenset()
    rival_confirmed: bool = False

    def __post_init__(self) -> None:
        _known("sectors", self.sectors, SECTORS)


@dataclass(frozen=True, slots=True)
class MandateFacts:
    """What a firm looks for. Nothing said: an empty set or None, which is no wish and no refusal."""

    firm_id: int | str
    sectors: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    ticket_min_krw: int | None = None
    ticket_max_krw: int | None = None
    regions: frozenset[str] = frozenset()
    max_company_age_years: int | None = None
    capacity: int = 0
    holdings: tuple[HoldingFacts, ...] = ()
    member_ids: frozenset[int | str] = frozenset()

    def __post_init__(self) -> None:
        _known("sectors", self.sectors, SECTORS)
        _known("stages", self.stages, STAGES)
        _known("regions", self.regions, REGIONS)
        for name in ("ticket_min_krw", "ticket_max_krw", "max_company_age_years", "capacity"):
            _not_negative(name, getattr(self, name))
        least, most = self.ticket_min_krw, self.ticket_max_krw
        if least is not None and most is not None and least > most:
            raise ScoringError("empty_ticket_range", "ticket_min_krw", least)


@dataclass(frozen=True, slots=True)
class Component:
    """One reason. `weight` is its share of 10,000 among what is known, `contribution` its part of the score.

    `company_fact` and `firm_fact` are what was compared, as codes: sectors, stages and regions parted by
    commas, won (`100000000..1000000000` for a ticket, either end open), the founding day and years of age.
    """

    key: Key
    weight: int
    value: int
    contribution: int
    company_fact: str
    firm_fact: str


@dataclass(frozen=True, slots=True)
class PairScore:
    """Contributions of `components` add up to `score` exactly. A pair with `conflicts` is never matched."""

    score: int
    components: tuple[Component, ...]
    missing: tuple[Key, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def allowed(self) -> bool:
        return not self.conflicts


def score_pair(
    company: CompanyFacts, mandate: MandateFacts, today: date, weights: Weights = DEFAULT_WEIGHTS
) -> PairScore:
    """Score one pair on `today`. Components come in the order of the fields of `Weights`."""
    found: dict[Key, _Facts] = {
        "sector": _sector(company, mandate),
        "stage": _stage(company, mandate),
        "ticket": _ticket(company, mandate),
        "age": _age(company, mandate, today),
        "region": _region(company, mandate),
    }
    known: dict[Key, tuple[int, str, str]] = {key: facts for key, facts in found.items() if facts is not None}
    shares = _shares([getattr(weights, key) for key in known], FULL)
    worth = [share * value for share, (value, _theirs, _ours) in zip(shares, known.values(), strict=True)]
    score = (2 * sum(worth) + FULL) // (2 * FULL)
    parts = _shares(worth, score)
    return PairScore(
        score=score,
        components=tuple(
            Component(key, share, value, part, company_fact, firm_fact)
            for (key, (value, company_fact, firm_fact)), share, part in zip(
                known.items(), shares, parts, strict=True
            )
        ),
        missing=tuple(key for key, facts in found.items() if facts is None),
        conflicts=hard_limits(company, mandate),
    )


def hard_limits(company: CompanyFacts, mandate: MandateFacts) -> tuple[Conflict, ...]:
    """Why the pair must never be matched, whatever its score; empty when it may."""
    conflicts: list[Conflict] = []
    if any(holding.company_id == company.id for holding in mandate.holdings):
        conflicts.append("already_invested")
    if any(holding.rival_confirmed for holding in rivals(company, mandate)):
        conflicts.append("holds_rival")
    if company.adviser_ids & mandate.member_ids:
        conflicts.append("adviser_is_member")
    return tuple(conflicts)


def rivals(company: CompanyFacts, mandate: MandateFacts) -> tuple[HoldingFacts, ...]:
    """Holdings that share at least half of the company's sectors: proposals, until a person confirms them."""
    return tuple(
        holding
        for holding in mandate.holdings
        if holding.company_id != company.id
        and holding.sectors & company.sectors
        and 2 * len(holding.sectors & company.sectors) >= len(company.sectors)
    )


_Facts = tuple[int, str, str] | None


def _sector(company: CompanyFacts, mandate: MandateFacts) -> _Facts:
    if not company.sectors or not mandate.sectors:
        return None
    value = FULL * len(company.sectors & mandate.sectors) // len(company.sectors)
    return value, _listed(company.sectors, SECTORS), _listed(mandate.sectors, SECTORS)


def _stage(company: CompanyFacts, mandate: MandateFacts) -> _Facts:
    if not company.stage or not mandate.stages:
        return None
    at = STAGES.index(company.stage)
    steps = min(abs(at - STAGES.index(stage)) for stage in mandate.stages)
    value = STAGE_VALUES[steps] if steps < len(STAGE_VALUES) else 0
    return value, company.stage, _listed(mandate.stages, STAGES)


def _ticket(company: CompanyFacts, mandate: MandateFacts) -> _Facts:
    ask, least, most = company.ask_krw, mandate.ticket_min_krw, mandate.ticket_max_krw
    if not ask or (least is None and most is None):
        return None
    beyond = 1.0
    if least is not None and ask < least:
        beyond = least / ask
    elif most is not None and ask > most:
        beyond = ask / most if most else math.inf
    value = max(round(FULL * (1 - math.log(beyond, TICKET_REACH))), 0) if beyond < TICKET_REACH else 0
    ticket = f"{'' if least is None else least}..{'' if most is None else most}"
    return value, str(ask), ticket


def _age(company: CompanyFacts, mandate: MandateFacts, today: date) -> _Facts:
    born, years = company.founded_on, mandate.max_company_age_years
    if born is None or years is None:
        return None
    # As parts of a date, since the last day may be 29 February of a year that has none.
    last_day = (born.year + years, born.month, born.day)
    value = FULL if (today.year, today.month, today.day) <= last_day else 0
    return value, born.isoformat(), str(years)


def _region(company: CompanyFacts, mandate: MandateFacts) -> _Facts:
    if not company.region or not mandate.regions:
        return None
    fits = NATIONWIDE in mandate.regions or company.region in mandate.regions
    return FULL if fits else 0, company.region, _listed(mandate.regions, REGIONS)


def _shares(weights: Sequence[int], total: int) -> list[int]:
    """Whole parts of `total` in proportion to `weights`, by largest remainder; the earlier wins a tie."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [weight * total // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-(weights[at] * total % whole), at))
    for at in order[: total - sum(parts)]:
        parts[at] += 1
    return parts


def _listed(codes: Iterable[str], order: Sequence[str]) -> str:
    return ",".join(sorted(codes, key=order.index))
