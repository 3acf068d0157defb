"""Matching in numbers: how far pairs came, how long it took, whether scores told it, whom it reached, and the money.

Everything is counted out of one reading of the pairs (`read`), so a figure and its list cannot differ.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import comb
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.common import display
from investors.firms import selectors as firms
from investors.matching import selectors as matching
from investors.matching.enums import IntroductionState as State
from investors.matching.enums import MatchState, PassReason, Round
from tenants.companies import selectors as companies

from .tables import Column, Line, Table

# The way of an introduction, in order: who came to one has come past those before it.
WAY = (
    State.ASKED,
    State.CONSENTED,
    State.SENT,
    State.MET,
    State.CONTINUING,
    State.TERM_SHEET,
    State.INVESTED,
)
# Both wanted to go on: what a score is to foretell. It counts once it is so, or once the introduction has ended otherwise.
SUCCESS = State.CONTINUING
ENDED = (State.PASSED, State.INVESTED)
# Below these numbers of cases no share and no median is told.
LEAST_TIMES = 5
LEAST_BAND = 5
LEAST_COMPANIES = 10
TOPS = (1, 3, 5)
BANDS = 10
FULL = 10_000


@dataclass(frozen=True)
class Pair:
    """A company and a firm that a published run matched, or that were introduced, and what came of it."""

    company: int
    firm: int
    run: int | None
    score: int | None
    matched: bool
    introduction: int | None = None
    state: str = ""
    asked_on: date | None = None
    ended_on: date | None = None
    pass_reason: str = ""
    steps: tuple[tuple[str, date], ...] = ()

    @property
    def reached(self) -> int:
        """How many steps of the way it has behind it; 0 when it was never introduced."""
        done = {state for state, _on in self.steps} | ({self.state} if self.state else set())
        known = max((at for at, state in enumerate(WAY, 1) if state in done), default=0)
        # No firm can pass on a company that has not agreed.
        least = 2 if State.PASSED in done else 1
        return max(known, least) if self.introduction else 0

    def came_to(self, state: str) -> bool:
        return self.reached >= WAY.index(State(state)) + 1

    @property
    def succeeded(self) -> bool:
        return self.came_to(SUCCESS)

    @property
    def decided(self) -> bool:
        """Whether it is known what came of it: both firm and company had their say."""
        return self.came_to(State.SENT) and (self.succeeded or self.state in ENDED)


@dataclass(frozen=True)
class Money:
    company: int
    firm: int
    invested_on: date
    funding_round: str
    amount_krw: int


@dataclass
class Reading:
    """All pairs and investments with the names that their lists need."""

    pairs: list[Pair]
    money: list[Money]
    companies: dict[int, str]
    seen: set[int]
    firms: dict[int, str]
    runs: dict[int, str] = field(default_factory=dict)


def read(user: Any) -> Reading:
    """Seven queries, however many rows there are."""
    steps: dict[int, list[tuple[str, date]]] = defaultdict(list)
    for introduction, state, on in (
        matching.steps_for(user)
        .order_by("happened_on", "recorded_at", "pk")
        .values_list("introduction_id", "state", "happened_on")
    ):
        steps[introduction].append((state, on))
    runs = {
        run.pk: str(run)
        for run in matching.runs_for(user).exclude(published_at=None).only("run_at").order_by("run_at", "pk")
    }
    found = {
        pk: Pair(company, firm, run, score, matched=run in runs and state != MatchState.DISMISSED)
        for pk, company, firm, run, score, state in matching.matches_for(user)
        .select_related(None)
        .order_by("pk")
        .values_list("pk", "company_id", "firm_id", "run_id", "score", "state")
    }
    pairs = []
    for pk, match, company, firm, state, made, changed, why in (
        matching.introductions_for(user)
        .select_related(None)
        .order_by("made_at", "pk")
        .values_list(
            "pk", "match_id", "company_id", "firm_id", "state", "made_at", "changed_at", "pass_reason"
        )
    ):
        before = found.pop(match, None)
        pairs.append(
            Pair(
                company,
                firm,
                before.run if before else None,
                before.score if before else None,
                bool(before and before.matched),
                pk,
                state,
                timezone.localdate(made),
                timezone.localdate(changed),
                why,
                tuple(steps[pk]),
            )
        )
    pairs += [pair for pair in found.values() if pair.matched]
    money = [
        Money(*row)
        for row in matching.investments_for(user)
        .filter(taken_back_at=None)
        .select_related(None)
        .order_by("invested_on", "pk")
        .values_list("company_id", "firm_id", "invested_on", "funding_round", "amount_krw")
    ]
    known = list(companies.companies_for(user).values_list("pk", "name", "visible_to_investors"))
    return Reading(
        pairs,
        money,
        {pk: name for pk, name, _seen in known},
        {pk for pk, _name, seen in known if seen},
        dict(firms.firms_for(user).values_list("pk", "name")),
        runs,
    )


# --- the funnel

_FUNNEL = (
    Column(gettext_lazy("Matched"), "number"),
    Column(gettext_lazy("Company asked"), "number"),
    Column(gettext_lazy("Company agreed"), "number"),
    Column(gettext_lazy("Firm told"), "number"),
    Column(gettext_lazy("Met"), "number"),
    Column(gettext_lazy("Talks go on"), "number"),
    Column(gettext_lazy("Term sheet"), "number"),
    Column(gettext_lazy("Invested"), "number"),
    Column(gettext_lazy("Firm passed"), "number"),
)


def funnel(pairs: Iterable[Pair]) -> list[int]:
    """How many were matched, came to each step of the way, and were passed on."""
    found = list(pairs)
    return [
        sum(pair.matched for pair in found),
        *(sum(pair.came_to(state) for pair in found) for state in WAY),
        sum(pair.state == State.PASSED for pair in found),
    ]


def _funnel_table(
    name: str, title: Any, label: Any, reading: Reading, groups: Iterable[tuple[str, str, Any]], of: str
) -> Table:
    by: dict[Any, list[Pair]] = defaultdict(list)
    for pair in reading.pairs:
        by[getattr(pair, of)].append(pair)
    lines = [
        Line([word, *funnel(by[key])], f"{reverse('reporting:matching_part', args=['pairs'])}?{of}={asked}")
        for word, asked, key in groups
        if key in by
    ]
    total = [_("Together"), *funnel(reading.pairs)] if lines else None
    return Table(name, title, [Column(label), *_FUNNEL], lines, total=total)


def runs_table(reading: Reading) -> Table:
    groups: list[tuple[str, str, Any]] = [(word, str(pk), pk) for pk, word in reading.runs.items()]
    other = {pair.run for pair in reading.pairs} - set(reading.runs)
    groups += [(_("No published run"), str(pk or 0), pk) for pk in sorted(other, key=lambda pk: pk or 0)]
    return _funnel_table("runs", gettext_lazy("By run"), gettext_lazy("Run"), reading, groups, "run")


def _named(names: dict[int, str]) -> list[tuple[str, str, Any]]:
    return [(name, str(pk), pk) for pk, name in sorted(names.items(), key=lambda each: (each[1], each[0]))]


def firms_table(reading: Reading) -> Table:
    groups = _named(reading.firms)
    return _funnel_table("firms", gettext_lazy("By firm"), gettext_lazy("Firm"), reading, groups, "firm")


def companies_table(reading: Reading) -> Table:
    groups = _named(reading.companies)
    title, label = gettext_lazy("By company"), gettext_lazy("Company")
    return _funnel_table("companies", title, label, reading, groups, "company")


def passes_table(reading: Reading) -> Table:
    found = Counter(pair.pass_reason for pair in reading.pairs if pair.state == State.PASSED)
    total = sum(found.values())
    lines = [
        Line(
            [
                PassReason(why).label if why else _("No reason written down"),
                count,
                Decimal(100 * count) / total,
            ]
        )
        for why, count in sorted(found.items(), key=lambda each: (-each[1], each[0]))
    ]
    columns = [
        Column(gettext_lazy("Why the firm passed")),
        Column(gettext_lazy("Introductions"), "number"),
        Column(gettext_lazy("Share"), "percent"),
    ]
    return Table(
        "passes",
        gettext_lazy("Passes by reason"),
        columns,
        lines,
        total=[_("Together"), total, Decimal(100)] if lines else None,
    )


def pairs_table(reading: Reading, keep: Callable[[Pair], bool] = lambda pair: True) -> Table:
    """The list behind every figure of the funnels: 1 where a pair counts. Its last line adds up to them."""
    chosen = [pair for pair in reading.pairs if keep(pair)]
    columns = [
        Column(gettext_lazy("Company")),
        Column(gettext_lazy("Firm")),
        Column(gettext_lazy("Run")),
        Column(gettext_lazy("Score"), "number"),
        Column(gettext_lazy("State")),
        Column(gettext_lazy("Asked on"), "day"),
        *_FUNNEL,
    ]
    lines = [
        Line(
            [
                reading.companies.get(pair.company, "–"),
                reading.firms.get(pair.firm, "–"),
                reading.runs.get(pair.run or 0, ""),
                None if pair.score is None else Decimal(pair.score) / FULL,
                State(pair.state).label if pair.state else _("not introduced"),
                pair.asked_on,
                *funnel([pair]),
            ],
            reverse("admin:matching_introduction_change", args=[pair.introduction])
            if pair.introduction
            else "",
        )
        for pair in chosen
    ]
    total = [_("Together"), "", "", None, "", None, *funnel(chosen)] if lines else None
    return Table("pairs", gettext_lazy("The pairs"), columns, lines, total=total)


# --- time


def quantile(values: Sequence[int], share: Decimal) -> int:
    """The smallest value that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(-(-int(share * 100) * len(ordered) // 100) - 1, 0)]


def stays(pairs: Iterable[Pair]) -> dict[str, list[int]]:
    """Days that introductions spent in each state which they have left."""
    found: dict[str, list[int]] = defaultdict(list)
    for pair in pairs:
        for (state, came), (_next, went) in zip(pair.steps, pair.steps[1:], strict=False):
            found[state].append((went - came).days)
    return found


def times_table(reading: Reading) -> Table:
    found = stays(reading.pairs)
    lines = []
    for state in WAY[:-1]:
        spans = found.get(state, [])
        told = len(spans) >= LEAST_TIMES
        lines.append(
            Line(
                [
                    state.label,
                    len(spans),
                    quantile(spans, Decimal("0.5")) if told else None,
                    quantile(spans, Decimal("0.9")) if told else None,
                    "" if told else _("not enough data"),
                ]
            )
        )
    columns = [
        Column(gettext_lazy("State")),
        Column(gettext_lazy("Left it"), "number"),
        Column(gettext_lazy("Half of them within, days"), "number"),
        Column(gettext_lazy("Nine of ten within, days"), "number"),
        Column(gettext_lazy("Remark")),
    ]
    note = _("Only introductions that have left a state count. Below %(least)s of them nothing is told.") % {
        "least": LEAST_TIMES
    }
    return Table("times", gettext_lazy("Time in each state"), columns, lines, note)


# --- did the scores tell it?


@dataclass(frozen=True)
class Hits:
    """Of `companies`, the share with a success among the first k, in the order of each way of ranking; None: not enough data."""

    k: int
    companies: int
    score: Decimal | None
    popularity: Decimal | None
    chance: Decimal | None


def _popularity(pair: Pair, decided: Sequence[Pair]) -> int:
    """Successes of the firm with other companies that were known before this pair was brought together."""
    return sum(
        other.succeeded
        for other in decided
        if other.firm == pair.firm
        and other.company != pair.company
        and (other.ended_on or date.max) < (pair.asked_on or date.min)
    )


def hits(reading: Reading) -> list[Hits]:
    """For companies with a success and with more than one pair whose outcome is known: a choice was there to be got wrong."""
    decided = [pair for pair in reading.pairs if pair.decided and pair.score is not None]
    by: dict[int, list[Pair]] = defaultdict(list)
    for pair in decided:
        by[pair.company].append(pair)
    groups = [group for group in by.values() if len(group) > 1 and any(pair.succeeded for pair in group)]
    enough = len(groups) >= LEAST_COMPANIES

    def share(k: int, key: Callable[[Pair], Any]) -> Decimal:
        hit = sum(any(pair.succeeded for pair in sorted(group, key=key)[:k]) for group in groups)
        return Decimal(100 * hit) / len(groups)

    def chance(k: int) -> Decimal:
        found = Decimal(0)
        for group in groups:
            failed = sum(not pair.succeeded for pair in group)
            top = min(k, len(group))
            found += 1 - Decimal(comb(failed, top)) / comb(len(group), top)
        return 100 * found / len(groups)

    return [
        Hits(
            k,
            len(groups),
            share(k, lambda pair: (-(pair.score or 0), pair.firm)) if enough else None,
            share(k, lambda pair: (-_popularity(pair, decided), pair.firm)) if enough else None,
            chance(k) if enough else None,
        )
        for k in TOPS
    ]


def hits_table(reading: Reading) -> Table:
    columns = [
        Column(gettext_lazy("Among the first")),
        Column(gettext_lazy("Companies"), "number"),
        Column(gettext_lazy("By our score"), "percent"),
        Column(gettext_lazy("By popularity of the firm"), "percent"),
        Column(gettext_lazy("By chance"), "percent"),
        Column(gettext_lazy("Remark")),
    ]
    lines = [
        Line(
            [
                str(each.k),
                each.companies,
                each.score,
                each.popularity,
                each.chance,
                _("not enough data") if each.score is None else "",
            ]
        )
        for each in hits(reading)
    ]
    note = _(
        "A hit: talks go on or went further with one of the first firms. Counted are companies with a hit and with at least two"
        " known outcomes; below %(least)s companies nothing is told. Popularity knows only what had happened before."
    ) % {"least": LEAST_COMPANIES}
    return Table("hits", gettext_lazy("Do the scores tell what comes of it?"), columns, lines, note)


def bands_table(reading: Reading) -> Table:
    decided = [pair for pair in reading.pairs if pair.decided and pair.score is not None]
    lines, step = [], FULL // BANDS
    for at in range(BANDS):
        band = [pair for pair in decided if min((pair.score or 0) // step, BANDS - 1) == at]
        if band:
            won = sum(pair.succeeded for pair in band)
            told = len(band) >= LEAST_BAND
            lines.append(
                Line(
                    [
                        f"{at / BANDS:.1f} – {(at + 1) / BANDS:.1f}",
                        len(band),
                        won,
                        Decimal(100 * won) / len(band) if told else None,
                        "" if told else _("not enough data"),
                    ]
                )
            )
    won = sum(pair.succeeded for pair in decided)
    columns = [
        Column(gettext_lazy("Score")),
        Column(gettext_lazy("Outcome known"), "number"),
        Column(gettext_lazy("Talks went on"), "number"),
        Column(gettext_lazy("Share"), "percent"),
        Column(gettext_lazy("Remark")),
    ]
    share = Decimal(100 * won) / len(decided) if len(decided) >= LEAST_BAND else None
    note = _(
        "The last line is what any pair had, whatever its score. Below %(least)s pairs no share is told."
    ) % {"least": LEAST_BAND}
    total = [_("Any score"), len(decided), won, share, ""] if decided else None
    return Table("bands", gettext_lazy("Outcome by score"), columns, lines, note, total)


# --- whom it reached


def gini(values: Sequence[int]) -> Decimal | None:
    """0 when all have as much, towards 1 when one has all; None where there is nothing to share."""
    total = sum(values)
    if not total:
        return None
    ordered = sorted(values)
    weighted = sum(at * value for at, value in enumerate(ordered, 1))
    count = len(ordered)
    return Decimal(2 * weighted) / (count * total) - Decimal(count + 1) / count


def exposure(reading: Reading) -> dict[int, tuple[int, int, int]]:
    """By company: how many firms it was matched with, introduced to, and met. With those that are seen and had nothing."""
    found = {pk: [0, 0, 0] for pk in reading.seen}
    for pair in reading.pairs:
        counted = found.setdefault(pair.company, [0, 0, 0])
        for at, yes in enumerate((pair.matched, pair.came_to(State.SENT), pair.came_to(State.MET))):
            counted[at] += yes
    return {pk: (each[0], each[1], each[2]) for pk, each in found.items()}


def exposure_table(reading: Reading) -> Table:
    found = exposure(reading)
    lines = [
        Line(
            [reading.companies[pk], *found[pk]],
            f"{reverse('reporting:matching_part', args=['pairs'])}?company={pk}",
        )
        for pk in sorted(found, key=lambda pk: (-found[pk][0], reading.companies[pk], pk))
    ]
    columns = [
        Column(gettext_lazy("Company")),
        Column(gettext_lazy("Matched"), "number"),
        Column(gettext_lazy("Firm told"), "number"),
        Column(gettext_lazy("Met"), "number"),
    ]
    sums = [sum(each[at] for each in found.values()) for at in range(3)]
    words = [
        "–"
        if (value := gini([each[at] for each in found.values()])) is None
        else str(display.rounded(value, 2))
        for at in range(3)
    ]
    note = _(
        "Gini, 0 when all companies had as much and towards 1 when one had all: matched %(matched)s, told %(told)s, met %(met)s."
    ) % {"matched": words[0], "told": words[1], "met": words[2]}
    total = [_("Together"), *sums] if lines else None
    return Table("exposure", gettext_lazy("Whom matching reached"), columns, lines, note, total)


# --- the money

_MONEY = (Column(gettext_lazy("Investments"), "number"), Column(gettext_lazy("Amount"), "won"))


def _money_table(
    name: str, title: Any, label: Any, groups: dict[str, list[Money]], reading: Reading
) -> Table:
    lines = [
        Line([word, len(found), sum(each.amount_krw for each in found)]) for word, found in groups.items()
    ]
    all_ = sum(each.amount_krw for each in reading.money)
    total = [_("Together"), len(reading.money), all_] if lines else None
    return Table(name, title, [Column(label), *_MONEY], lines, total=total)


def rounds_table(reading: Reading) -> Table:
    groups: dict[str, list[Money]] = {}
    for code in Round.values:
        if found := [each for each in reading.money if each.funding_round == code]:
            groups[str(Round(code).label)] = found
    title = gettext_lazy("Amounts by round")
    return _money_table("rounds", title, gettext_lazy("Round"), groups, reading)


def months_table(reading: Reading) -> Table:
    groups: dict[str, list[Money]] = {}
    for each in reading.money:
        groups.setdefault(display.month(each.invested_on), []).append(each)
    title = gettext_lazy("Amounts by month")
    return _money_table("months", title, gettext_lazy("Month"), groups, reading)


def investments_table(reading: Reading) -> Table:
    columns = [
        Column(gettext_lazy("Company")),
        Column(gettext_lazy("Firm")),
        Column(gettext_lazy("Round")),
        Column(gettext_lazy("Day"), "day"),
        Column(gettext_lazy("Amount"), "won"),
    ]
    lines = [
        Line(
            [
                reading.companies.get(each.company, "–"),
                reading.firms.get(each.firm, "–"),
                Round(each.funding_round).label,
                each.invested_on,
                each.amount_krw,
            ]
        )
        for each in reading.money
    ]
    total = [_("Together"), "", "", None, sum(each.amount_krw for each in reading.money)] if lines else None
    return Table("investments", gettext_lazy("The investments"), columns, lines, total=total)


TABLES: dict[str, Callable[[Reading], Table]] = {
    "runs": runs_table,
    "firms": firms_table,
    "companies": companies_table,
    "passes": passes_table,
    "times": times_table,
    "hits": hits_table,
    "bands": bands_table,
    "exposure": exposure_table,
    "rounds": rounds_table,
    "months": months_table,
    "investments": investments_table,
    "pairs": pairs_table,
}
PARTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "funnel": (gettext_lazy("How far they came"), ("runs", "firms", "companies", "passes")),
    "quality": (gettext_lazy("Time and scores"), ("times", "hits", "bands")),
    "exposure": (gettext_lazy("Whom it reached"), ("exposure",)),
    "money": (gettext_lazy("Money"), ("rounds", "months", "investments")),
    "pairs": (gettext_lazy("The pairs"), ("pairs",)),
}
