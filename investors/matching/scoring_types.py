"""What a score is made from and what it says. Plain data, checked as it is made. Knows no Django."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from investors.firms.vocabulary import TagFact

Key = Literal["sector", "stage", "ticket", "age", "region", "technology", "quota", "traction", "prose"]
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


class ScoringError(ValueError):
    """Facts that make no sense: `code` is unknown_code, negative, more_than_all or empty_ticket_range."""

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
    """Relative weights of the components, under the version by which a stored run names them.

    A component whose weight is None is not part of the version; with a weight of 0 it is shown and counts nothing.
    """

    version: str
    sector: int | None = None
    stage: int | None = None
    ticket: int | None = None
    age: int | None = None
    region: int | None = None
    technology: int | None = None
    quota: int | None = None
    traction: int | None = None
    prose: int | None = None

    def __post_init__(self) -> None:
        for key in KEYS:
            _not_negative(key, getattr(self, key))

    @property
    def numbers(self) -> dict[Key, int]:
        """The weights of the version's components, in order."""
        return {key: weight for key in KEYS if (weight := getattr(self, key)) is not None}

    def stored(self) -> dict[str, Any]:
        """As a run keeps them; `weights_of` reads it."""
        return {"version": self.version} | {str(key): weight for key, weight in self.numbers.items()}


KEYS: tuple[Key, ...] = tuple(each.name for each in fields(Weights)[1:])  # type: ignore[misc]
# The first version, of runs that knew neither tags nor texts.
DEFAULT_WEIGHTS = Weights("2026-1", sector=35, stage=25, ticket=20, age=10, region=10)
# What a camp begins with.
STANDARD_WEIGHTS = Weights(
    "2026-2",
    sector=25,
    stage=15,
    ticket=15,
    age=5,
    region=5,
    technology=20,
    quota=5,
    traction=5,
    prose=5,
)


def weights_of(stored: Mapping[str, Any]) -> Weights:
    """The weights that a run keeps."""
    return Weights(stored["version"], **{key: stored[key] for key in KEYS if key in stored})


@dataclass(frozen=True, slots=True)
class Standing:
    """A company among the other residents of its stage: how many of them have fewer people, and as many."""

    employees: int
    fewer: int
    equal: int
    others: int

    def __post_init__(self) -> None:
        for each in fields(self):
            _not_negative(each.name, getattr(self, each.name))


@dataclass(frozen=True, slots=True)
class YoungShare:
    """Of the companies that an accelerator holds or was introduced to and whose age is `known`, those that were young."""

    young: int
    known: int

    def __post_init__(self) -> None:
        _not_negative("young", self.young)
        if self.young > self.known:
            raise ScoringError("more_than_all", "young", self.young)


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
    tags: frozenset[TagFact] = frozenset()
    standing: Standing | None = None
    text: str = ""

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
    """What a firm looks for. Nothing said: an empty set or None, which is no wish and no refusal.

    `young_share` is of accelerators alone, which the law obliges; of others None.
    """

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
    tags: frozenset[TagFact] = frozenset()
    text: str = ""
    young_share: YoungShare | None = None

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
    commas, won (`100000000..1000000000` for a ticket, either end open), the founding day and years of age; codes of
    tags, whose names in Korean and English are in `labels`; `young/known` of an accelerator's companies; the four numbers
    of a `Standing`; words that two texts share.
    """

    key: Key
    weight: int
    value: int
    contribution: int
    company_fact: str
    firm_fact: str
    labels: tuple[tuple[str, str, str], ...] = ()


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
