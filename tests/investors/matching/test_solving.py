"""A run from its canonical input: no limit is ever broken, nobody is below what is possible, and the check sees lies."""

import random
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incubator.common.fingerprints import fingerprint
from incubator.optimise.assignment_types import missing_price
from investors.matching.checking import check_run
from investors.matching.facts import Facts
from investors.matching.figures import explained_of, figures_of, gini
from investors.matching.limits import Limit, Limits
from investors.matching.problem import score_all, shortfalls_of
from investors.matching.scoring import SECTORS, STAGES, CompanyFacts, HoldingFacts, MandateFacts
from investors.matching.services.planning import _reasons as reasons_of_scores
from investors.matching.solving import Answer, ends, kept_problem, problem_of, resolved, solved
from investors.matching.wishes import FULL, Wish, bonus_of, bracket_of

TODAY = date(2026, 11, 23)
NO_LIMITS = Limits((), {}, {})
CODES = ("rival", "family", "declined", "company_says_no")


def kept_of(facts: Facts, limits: Limits = NO_LIMITS, **values: Any) -> dict[str, Any]:
    return kept_problem(facts, score_all(facts), limits, **values)


def broken(facts: Facts, kept: dict[str, Any], answer: Answer, **changes: Any) -> list[str]:
    """What the independent check says."""
    promised = {
        "problem": kept,
        "pairs": [ends(pair) for pair in answer.result.pairs],
        "objective": answer.result.objective,
        "bound": answer.result.bound,
        "shortfalls": shortfalls_of(answer.result),
        "explained": explained_of(answer),
        "reasons": reasons_of_scores(score_all(facts)),
        "prices": figures_of(kept, answer)["prices"],
    }
    return check_run(**{**promised, **changes})


@st.composite
def camps(draw: st.DrawFn) -> tuple[Facts, Limits]:
    companies = tuple(
        CompanyFacts(
            id=at,
            sectors=frozenset(draw(st.sets(st.sampled_from(SECTORS[:3]), max_size=2))),
            stage=draw(st.sampled_from(["", *STAGES[:2]])),
            ask_krw=draw(st.sampled_from([None, 0, 10**8, 10**9])),
            adviser_ids=frozenset(draw(st.sets(st.integers(1, 2), max_size=1))),
        )
        for at in range(1, draw(st.integers(0, 5)) + 1)
    )
    mandates = tuple(
        MandateFacts(
            firm_id=at,
            sectors=frozenset(draw(st.sets(st.sampled_from(SECTORS[:4]), max_size=3))),
            stages=frozenset(draw(st.sets(st.sampled_from(STAGES[:3]), max_size=2))),
            capacity=draw(st.integers(0, 3)),
            holdings=tuple(
                HoldingFacts("x", company_id=each, rival_confirmed=True)
                for each in draw(st.sets(st.integers(1, 5), max_size=1))
            ),
            member_ids=frozenset(draw(st.sets(st.integers(1, 4), max_size=1))),
        )
        for at in range(1, draw(st.integers(0, 4)) + 1)
    )
    pairs = [(company.id, mandate.firm_id) for company in companies for mandate in mandates]
    some = st.sets(st.sampled_from(pairs), max_size=3) if pairs else st.just(set())
    limits = tuple(
        sorted(Limit(*map(int, pair), draw(st.sampled_from(CODES))) for pair in sorted(draw(some)))
    )
    wishes = {
        (int(company), int(firm), side): Wish(
            draw(st.sampled_from(["must", "meet"])), draw(st.sampled_from([None, 1, 10]))
        )
        for side in ("company", "firm")
        for company, firm in sorted(draw(some))
    }
    apart = {1: "takes_no_part"} if companies and draw(st.integers(0, 4)) == 0 else {}
    return Facts(TODAY, draw(st.integers(0, 3)), companies, mandates), Limits(limits, apart, wishes)


@settings(max_examples=60, deadline=None)
@given(camps())
def test_no_limit_is_ever_broken_and_every_promise_holds(camp: tuple[Facts, Limits]) -> None:
    facts, limits = camp
    kept = kept_of(facts, limits)
    answer = solved(kept)
    assert broken(facts, kept, answer) == []
    assert answer.result.gap == 0
    apart = {(limit.company, limit.firm) for limit in limits.pairs}
    matched = {ends(pair) for pair in answer.result.pairs}
    assert not matched & apart
    assert not {company for company, _firm in matched} & limits.companies.keys()
    load = Counter(firm for _company, firm in matched)
    assert all(load[mandate.firm_id] <= mandate.capacity for mandate in facts.mandates)
    assert answer.stable.blocking == 0


@settings(max_examples=40, deadline=None)
@given(camps(), st.data())
def test_a_better_score_never_unmatches_a_pair(camp: tuple[Facts, Limits], data: st.DataObject) -> None:
    kept = kept_of(*camp)
    before = resolved(kept)
    if not before.pairs:
        return
    pair = data.draw(st.sampled_from(before.pairs))
    for row in kept["pairs"]:
        if (row[0], row[1]) == pair:
            row[2] = data.draw(st.integers(row[2], 4 * FULL))
    assert pair in resolved(kept).pairs


@settings(max_examples=25, deadline=None)
@given(camps(), st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(camp: tuple[Facts, Limits], draw: random.Random) -> None:
    facts, limits = camp
    again = replace(
        facts,
        companies=tuple(draw.sample(facts.companies, len(facts.companies))),
        mandates=tuple(draw.sample(facts.mandates, len(facts.mandates))),
    )
    wishes = dict(draw.sample(sorted(limits.wishes.items()), len(limits.wishes)))
    kept, other = kept_of(facts, limits), kept_of(again, replace(limits, wishes=wishes))
    assert fingerprint(kept) == fingerprint(other)
    assert resolved(kept) == resolved(other)


def camp_of(companies: int, firms: int, seed: int = 7) -> Facts:
    draw = random.Random(seed)
    return Facts(
        TODAY,
        3,
        tuple(
            CompanyFacts(
                id=at,
                sectors=frozenset(draw.sample(SECTORS, 2)),
                stage=draw.choice(STAGES),
                ask_krw=draw.randint(1, 30) * 10**8,
            )
            for at in range(companies)
        ),
        tuple(
            MandateFacts(
                firm_id=at,
                sectors=frozenset(draw.sample(SECTORS, 4)),
                stages=frozenset(draw.sample(STAGES, 2)),
                ticket_min_krw=10**8,
                ticket_max_krw=draw.randint(2, 20) * 10**8,
                capacity=draw.randint(3, 8),
            )
            for at in range(firms)
        ),
    )


@pytest.fixture(scope="module")
def full() -> tuple[Facts, dict[str, Any], Answer]:
    facts = camp_of(73, 60)
    kept = kept_of(facts)
    return facts, kept, solved(kept)


def test_a_full_camp_is_proven_fair_and_the_same_for_twenty_orders(full: Any) -> None:
    facts, kept, answer = full
    assert broken(facts, kept, answer) == []
    assert (answer.result.gap, answer.result.shortfalls) == (0, ())
    figures = figures_of(kept, answer)
    assert figures["introductions"]["least"] >= 3
    assert figures["minimum"]["price"] >= 0
    assert sum(load for _firm, load, _capacity in figures["loads"]) == len(answer.result.pairs)
    assert figures["stable"]["blocking"] == 0 < figures["blocking"]
    problem = problem_of(kept)
    for seed in range(20):
        draw = random.Random(seed)
        shuffled = {
            **kept,
            "companies": draw.sample(kept["companies"], 73),
            "firms": draw.sample(kept["firms"], 60),
            "pairs": draw.sample(kept["pairs"], len(kept["pairs"])),
        }
        again = resolved(shuffled) if seed < 3 else None
        assert set(problem_of(shuffled).pairs) == set(problem.pairs)
        assert again is None or again == answer.result


def test_the_check_sees_what_is_wrong() -> None:
    facts = camp_of(20, 15)
    kept = kept_of(facts)
    answer = solved(kept)
    pairs = [ends(pair) for pair in answer.result.pairs]
    told = explained_of(answer)
    spare = (told[0][0], told[0][1])
    wrong = deepcopy(kept)
    wrong["pairs"][0][2] += 1
    closed = deepcopy(kept)
    next(row for row in closed["pairs"] if (row[0], row[1]) == pairs[0])[3] = "rival"
    forgotten = {**kept, "limits": [[*pairs[0], "family", ""]]}
    lies: list[tuple[dict[str, Any], str]] = [
        ({"pairs": pairs[1:]}, "the points add up to"),
        ({"pairs": [*pairs, pairs[0]]}, "is there 2 times"),
        ({"pairs": [*pairs, spare]}, "introductions and takes"),
        ({"problem": wrong}, "do not add up to"),
        ({"problem": closed}, "is kept apart and matched"),
        ({"problem": forgotten}, "limit family"),
        ({"problem": {**kept, "locked": [list(spare)]}}, "was let go"),
        ({"objective": answer.result.bound + 1}, "over its bound"),
        ({"bound": answer.result.bound + 1}, "prices prove"),
        ({"shortfalls": [{"company": 1, "missing": 1, "cause": "firms_full"}]}, "says otherwise"),
        ({"explained": told[1:]}, "not those that were not matched"),
        ({"explained": [[*told[0][:3], -1], *told[1:]]}, "no honest explanation"),
        ({"reasons": {"fields": ["contribution"], "pairs": {}}}, "has no reasons"),
    ]
    for change, words in lies:
        assert any(words in line for line in broken(facts, kept, answer, **change)), words


COMPANY = CompanyFacts(id=1, sectors=frozenset({"energy"}), stage="seed", ask_krw=10**8)
MANDATE = MandateFacts(firm_id=1, sectors=frozenset({"energy"}), capacity=2)


@pytest.mark.parametrize(
    ("facts", "limits", "pairs", "causes"),
    [
        (Facts(TODAY, 1, (COMPANY,), (replace(MANDATE, capacity=0),)), NO_LIMITS, 0, ["firms_full"]),
        (
            Facts(TODAY, 1, (COMPANY,), (MANDATE,)),
            Limits((Limit(1, 1, "family"), Limit(1, 1, "rival")), {}, {}),
            0,
            ["no_eligible_firm"],
        ),
        (Facts(TODAY, 1, (CompanyFacts(id=1, region=""),), (MANDATE,)), NO_LIMITS, 1, []),
        (
            Facts(TODAY, 1, (COMPANY,), (replace(MANDATE, sectors=frozenset({"culture"})),)),
            NO_LIMITS,
            1,
            [],
        ),
        (Facts(TODAY, 3, (COMPANY,), ()), NO_LIMITS, 0, ["no_eligible_firm"]),
        (Facts(TODAY, 3, (), (MANDATE,)), NO_LIMITS, 0, []),
        (
            Facts(TODAY, 1, tuple(replace(COMPANY, id=at) for at in range(1, 5)), (MANDATE,)),
            NO_LIMITS,
            2,
            ["firms_full", "firms_full"],
        ),
    ],
    ids=["no seats", "all apart", "no data", "sectors nobody has", "no firm", "no company", "equal scores"],
)
def test_poor_input_has_a_clear_outcome(facts: Facts, limits: Limits, pairs: int, causes: list[str]) -> None:
    kept = kept_of(facts, limits)
    answer = solved(kept)
    assert broken(facts, kept, answer) == []
    assert len(answer.result.pairs) == pairs
    assert [short["cause"] for short in shortfalls_of(answer.result)] == causes


def test_every_reason_of_a_pair_is_named() -> None:
    limits = Limits((Limit(1, 1, "family"), Limit(1, 1, "firm_says_no")), {1: "takes_no_part"}, {})
    held = replace(MANDATE, holdings=(HoldingFacts("x", company_id=1),))
    kept = kept_of(Facts(TODAY, 1, (COMPANY,), (held,)), limits)
    assert kept["pairs"][0][3] == "already_invested,family,firm_says_no,takes_no_part"


def test_wishes_make_brackets_and_ranks_lift_within_them() -> None:
    must, meet = Wish("must"), Wish("meet")
    assert [bracket_of(*each) for each in ((must, must), (meet, must), (meet, meet), (must, None))] == [
        30_000,
        20_000,
        10_000,
        0,
    ]
    assert bonus_of(4_000, None, None) == 0
    ranks = [bonus_of(4_000, Wish("meet", rank), None) for rank in (1, 5, 10)]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[-1] > 0
    assert all(0 <= bonus_of(fit, must, must) <= FULL - fit for fit in (0, 1, 9_999, FULL))


def test_a_must_on_both_sides_goes_before_any_fit_and_never_over_a_minimum() -> None:
    rival = replace(COMPANY, id=2, sectors=frozenset({"culture"}))
    one = replace(MANDATE, capacity=1)
    wishes = {(2, 1, "company"): Wish("must"), (2, 1, "firm"): Wish("must")}
    facts = Facts(TODAY, 0, (COMPANY, rival), (one,))
    assert resolved(kept_of(facts)).pairs == ((1, 1),)
    assert resolved(kept_of(facts, Limits((), {}, wishes))).pairs == ((2, 1),)
    free = replace(one, firm_id=2)
    needs = replace(facts, minimum=1, mandates=(one, free))
    only = Limits((Limit(1, 2, "family"),), {}, wishes)
    found = resolved(kept_of(needs, only))
    assert sum(missing_price(short.missing) for short in found.shortfalls) == 0
    assert (1, 1) in found.pairs


@pytest.mark.parametrize(
    ("counts", "worth"), [([], 0), ([0, 0], 0), ([3, 3, 3], 0), ([0, 0, 0, 4], 7_500), ([1, 3], 2_500)]
)
def test_gini(counts: list[int], worth: int) -> None:
    assert gini(counts) == worth
