"""A run as pages show it: pair by pair with every reason, and beside another run. Plain rows, two queries for names."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from . import selectors
from .enums import MatchState
from .limit_words import WHY, lacking_in_words, limits_in_words
from .models import MatchRun
from .solving import ends, lifts_of

FULL = 10_000


def points(value: int) -> str:
    """Points of 1/10,000 as managers read sums of them."""
    return f"{Decimal(value) / FULL:,.4f}"


@dataclass(frozen=True)
class Names:
    companies: Mapping[int, str]
    firms: Mapping[int, str]

    @classmethod
    def of(cls, *runs: MatchRun) -> "Names":
        return cls(
            selectors.company_names({row["id"] for run in runs for row in run.problem.get("companies", ())}),
            selectors.firm_names({row["id"] for run in runs for row in run.problem.get("firms", ())}),
        )

    def company(self, pk: int) -> str:
        return self.companies.get(pk, str(pk))

    def firm(self, pk: int) -> str:
        return self.firms.get(pk, str(pk))


@dataclass(frozen=True)
class PairRow:
    """One pair of a run. `fate` is matched, apart or unmatched; `why` holds every reason in words."""

    company: int
    firm: int
    company_name: str
    firm_name: str
    points: int
    fit: int
    bracket: int
    bonus: int
    fate: str
    locked: bool
    decided: bool
    why: tuple[Any, ...]
    lacking: str

    @property
    def shown_points(self) -> str:
        return points(self.points)

    @property
    def shown_fit(self) -> str:
        return points(self.fit)

    @property
    def shown_wishes(self) -> str:
        return points(self.bracket + self.bonus)


def pair_rows(
    run: MatchRun, names: Names, *, company: int | None = None, firm: int | None = None, fate: str = ""
) -> list[PairRow]:
    """The pairs of a run, matched ones first, then by points; narrowed to a company, a firm or a fate."""
    matches = {(match.company_id, match.firm_id): match for match in run.matches.all()}
    lifts = lifts_of(run.problem)
    told = {(c, f): (why, needs) for c, f, why, needs in run.explained}
    forbidden = {ends(pair) for pair in run.problem.get("forbidden", ())}
    rows = []
    for each, other, worth, codes in run.problem.get("pairs", ()):
        if (company and each != company) or (firm and other != firm):
            continue
        pair = (each, other)
        bracket, bonus = lifts.get(pair, (0, 0))
        match = matches.get(pair)
        why: tuple[Any, ...] = ()
        lacking = ""
        if match:
            found = "matched"
        elif codes or pair in forbidden:
            found = "apart"
            why = tuple(limits_in_words(",".join(filter(None, [codes, "removed" * (pair in forbidden)]))))
        else:
            found = "unmatched"
            reason, needs = told.get(pair, ("", 0))
            why = (WHY.get(reason, reason),)
            lacking = lacking_in_words(needs)
        if fate and fate != found:
            continue
        rows.append(
            PairRow(
                each,
                other,
                names.company(each),
                names.firm(other),
                worth,
                worth - bracket - bonus,
                bracket,
                bonus,
                found,
                bool(match and match.locked),
                bool(match and match.state != MatchState.PROPOSED),
                why,
                lacking,
            )
        )
    rows.sort(key=lambda row: (row.fate != "matched", -row.points, row.company_name, row.firm_name))
    return rows


@dataclass(frozen=True)
class Compared:
    """A pair in two runs: `here` and `there` say whether it is matched, `why` what keeps it out of the other."""

    company: str
    firm: str
    here: str
    there: str
    both: bool
    why: tuple[Any, ...]


@dataclass(frozen=True)
class Comparison:
    rows: list[Compared]
    both: int
    only_here: int
    only_there: int
    same_input: bool


def compare_runs(run: MatchRun, other: MatchRun, names: Names, *, everything: bool = False) -> Comparison:
    """Pair by pair: what both have, what one alone has and why the other has it not."""
    mine, theirs = ({(row.company, row.firm): row for row in pair_rows(each, names)} for each in (run, other))
    here = {pair for pair, row in mine.items() if row.fate == "matched"}
    there = {pair for pair, row in theirs.items() if row.fate == "matched"}
    wanted = here | there if everything else here ^ there
    rows = [
        Compared(
            company=names.company(pair[0]),
            firm=names.firm(pair[1]),
            here=_fate(mine.get(pair)),
            there=_fate(theirs.get(pair)),
            both=pair in here and pair in there,
            why=_why_not(theirs.get(pair) if pair in here else mine.get(pair)),
        )
        for pair in wanted
    ]
    rows.sort(key=lambda row: (row.company, row.firm))
    return Comparison(
        rows, len(here & there), len(here - there), len(there - here), run.input_hash == other.input_hash
    )


def _fate(row: PairRow | None) -> str:
    if row is None:
        return _("not in this run")
    words: dict[str, Callable[[], str]] = {
        "matched": lambda: _("matched, %(points)s") % {"points": row.shown_points},
        "apart": lambda: _("kept apart"),
        "unmatched": lambda: _("not matched, %(points)s") % {"points": row.shown_points},
    }
    return words[row.fate]()


def _why_not(row: PairRow | None) -> tuple[Any, ...]:
    if row is None:
        return (_("One of the two took no part."),)
    return (*row.why, *filter(None, [row.lacking]))


@dataclass(frozen=True)
class Load:
    firm: str
    load: int
    capacity: int


def loads_of(run: MatchRun, names: Names) -> list[Load]:
    rows = [Load(names.firm(firm), load, capacity) for firm, load, capacity in run.figures.get("loads", ())]
    return sorted(rows, key=lambda row: row.firm)


@dataclass(frozen=True)
class EditRow:
    kind: str
    company: str
    firm: str
    loss: str


def edits_of(run: MatchRun, names: Names, words: Mapping[str, Any]) -> list[EditRow]:
    """What managers changed of the draft, in order."""
    return [
        EditRow(
            str(words.get(edit["kind"], edit["kind"])),
            names.company(edit["company"]),
            names.firm(edit["firm"]),
            points(edit["loss"]),
        )
        for edit in run.edits
    ]


def named(pairs: Iterable[tuple[int, int]], names: Names) -> list[str]:
    return [f"{names.company(company)} – {names.firm(firm)}" for company, firm in pairs]
