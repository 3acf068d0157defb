"""How well a company fits what a firm looks for, with reasons that add up to the score. Knows no Django.

Scores and values count 1/10,000. What one side does not say is *missing*: its weight goes to what is known,
so silence is never counted as a mismatch. What does not concern a firm (the share of young companies, of which only
accelerators must have one) is neither.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from investors.firms.vocabulary import TagFact

from .prose import Likeness
from .scoring_types import (
    CAMP_REGION,
    DEFAULT_WEIGHTS,
    FULL,
    KEYS,
    NATIONWIDE,
    REGIONS,
    SECTORS,
    STAGES,
    STANDARD_WEIGHTS,
    CompanyFacts,
    Component,
    Conflict,
    HoldingFacts,
    Key,
    MandateFacts,
    PairScore,
    ScoringError,
    Standing,
    Weights,
    YoungShare,
    weights_of,
)

__all__ = [
    "CAMP_REGION",
    "DEFAULT_WEIGHTS",
    "FULL",
    "KEYS",
    "REGIONS",
    "SECTORS",
    "STAGES",
    "STANDARD_WEIGHTS",
    "YOUNG_SHARE",
    "CompanyFacts",
    "Component",
    "Conflict",
    "HoldingFacts",
    "Key",
    "MandateFacts",
    "PairScore",
    "ScoringError",
    "Standing",
    "Weights",
    "YoungShare",
    "hard_limits",
    "is_young",
    "rivals",
    "score_pair",
    "weights_of",
]

# By steps between the company's stage and the nearest that the firm invests in.
STAGE_VALUES = (FULL, 5_000, 2_000)
# An ask this many times beyond the ticket is worth nothing; between, the value falls with the logarithm.
TICKET_REACH = 10
# The company names a technology of which the firm wants one kind.
WIDER_TAG = 5_000
# An accelerator puts at least this many per cent into companies up to so many years old.
YOUNG_SHARE = 40
YOUNG_YEARS = 3
# A place among fewer says nothing.
FEWEST_OTHERS = 3


def score_pair(
    company: CompanyFacts,
    mandate: MandateFacts,
    today: date,
    weights: Weights = DEFAULT_WEIGHTS,
    likeness: Likeness | None = None,
) -> PairScore:
    """Score one pair on `today`, by the components of the version of `weights`, in their order.

    `likeness` is that of the two texts (`prose.likenesses`), None where they share no word.
    """
    numbers = weights.numbers
    found = {
        key: _COMPONENTS[key](company, mandate, today, likeness)
        for key in numbers
        if key != "quota" or mandate.young_share is not None
    }
    known = {key: facts for key, facts in found.items() if facts is not None}
    shares = _shares([numbers[key] for key in known], FULL)
    worth = [share * value for share, (value, _theirs, _ours) in zip(shares, known.values(), strict=True)]
    score = (2 * sum(worth) + FULL) // (2 * FULL)
    parts = _shares(worth, score)
    return PairScore(
        score=score,
        components=tuple(
            Component(
                key,
                share,
                value,
                part,
                company_fact,
                firm_fact,
                _labels(company, mandate) if key == "technology" else (),
            )
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


def _sector(company: CompanyFacts, mandate: MandateFacts, *_rest: object) -> _Facts:
    if not company.sectors or not mandate.sectors:
        return None
    value = FULL * len(company.sectors & mandate.sectors) // len(company.sectors)
    return value, _listed(company.sectors, SECTORS), _listed(mandate.sectors, SECTORS)


def _stage(company: CompanyFacts, mandate: MandateFacts, *_rest: object) -> _Facts:
    if not company.stage or not mandate.stages:
        return None
    at = STAGES.index(company.stage)
    steps = min(abs(at - STAGES.index(stage)) for stage in mandate.stages)
    value = STAGE_VALUES[steps] if steps < len(STAGE_VALUES) else 0
    return value, company.stage, _listed(mandate.stages, STAGES)


def _ticket(company: CompanyFacts, mandate: MandateFacts, *_rest: object) -> _Facts:
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


def _age(company: CompanyFacts, mandate: MandateFacts, today: date, *_rest: object) -> _Facts:
    born, years = company.founded_on, mandate.max_company_age_years
    if born is None or years is None:
        return None
    value = FULL if within_years(born, years, today) else 0
    return value, born.isoformat(), str(years)


def _region(company: CompanyFacts, mandate: MandateFacts, *_rest: object) -> _Facts:
    if not company.region or not mandate.regions:
        return None
    fits = NATIONWIDE in mandate.regions or company.region in mandate.regions
    return FULL if fits else 0, company.region, _listed(mandate.regions, REGIONS)


def _technology(company: CompanyFacts, mandate: MandateFacts, *_rest: object) -> _Facts:
    ours, wanted = _narrowest(company.tags), _narrowest(mandate.tags)
    if not ours or not wanted:
        return None
    codes = {tag.code: tag for tag in wanted}
    beyond = {code for tag in wanted for code in tag.above}
    worth = 0
    for tag in ours:
        if tag.code in codes or not codes.keys().isdisjoint(tag.above):
            worth += FULL
        elif tag.code in beyond:
            worth += WIDER_TAG
    value = min(FULL, worth // min(len(ours), len(wanted)))
    return value, ",".join(tag.code for tag in ours), ",".join(codes)


@lru_cache(maxsize=4_096)
def _narrowest(tags: frozenset[TagFact]) -> tuple[TagFact, ...]:
    """By code, without the tags that others of the set are part of: who names a gripper has said robot as well."""
    above = {code for tag in tags for code in tag.above}
    return tuple(sorted((tag for tag in tags if tag.code not in above), key=lambda tag: tag.code))


def _labels(company: CompanyFacts, mandate: MandateFacts) -> tuple[tuple[str, str, str], ...]:
    ours = _narrowest(company.tags)
    wanted = [tag for tag in _narrowest(mandate.tags) if tag not in ours]
    return tuple((tag.code, tag.ko, tag.en) for tag in (*ours, *wanted))


def _quota(company: CompanyFacts, mandate: MandateFacts, today: date, *_rest: object) -> _Facts:
    born, share = company.founded_on, mandate.young_share
    if born is None or share is None:
        return None
    if is_young(born, today):
        value = FULL
    elif not share.known:
        return None
    else:
        # What would be left of the share with one more company that is older.
        value = min(FULL, FULL * 100 * share.young // (YOUNG_SHARE * (share.known + 1)))
    return value, born.isoformat(), f"{share.young}/{share.known}"


def _traction(company: CompanyFacts, mandate: MandateFacts, *_rest: object) -> _Facts:
    at = company.standing
    if at is None or at.others < FEWEST_OTHERS:
        return None
    value = FULL * (2 * at.fewer + at.equal) // (2 * at.others)
    return value, f"{at.employees},{at.fewer},{at.equal},{at.others}", ""


def _prose(company: CompanyFacts, mandate: MandateFacts, today: date, likeness: Likeness | None) -> _Facts:
    if likeness is None:
        return None
    words = ",".join(likeness.words)
    return likeness.value, words, words


_COMPONENTS: Mapping[Key, Callable[[CompanyFacts, MandateFacts, date, Likeness | None], _Facts]] = {
    "sector": _sector,
    "stage": _stage,
    "ticket": _ticket,
    "age": _age,
    "region": _region,
    "technology": _technology,
    "quota": _quota,
    "traction": _traction,
    "prose": _prose,
}


def within_years(born: date, years: int, today: date) -> bool:
    """Whether a company is at most so many years old on a day."""
    # As parts of a date, since the last day may be 29 February of a year that has none.
    return (today.year, today.month, today.day) <= (born.year + years, born.month, born.day)


def is_young(born: date, on: date) -> bool:
    """Whether a company counts for the share that an accelerator must put into young ones."""
    return within_years(born, YOUNG_YEARS, on)


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
