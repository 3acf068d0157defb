"""Scores of a company against a mandate: what they are worth, and that the reasons add up."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incubator.common.enums import Region, Sector, Stage
from investors.matching.scoring import (
    DEFAULT_WEIGHTS,
    FULL,
    REGIONS,
    SECTORS,
    STAGES,
    CompanyFacts,
    Component,
    HoldingFacts,
    MandateFacts,
    ScoringError,
    Weights,
    hard_limits,
    rivals,
    score_pair,
)

TODAY = date(2026, 11, 22)
COMPANY = CompanyFacts(
    id=1,
    sectors=frozenset({"healthcare", "robotics"}),
    stage="seed",
    ask_krw=500_000_000,
    founded_on=date(2023, 3, 2),
)
MANDATE = MandateFacts(
    firm_id=7,
    sectors=frozenset({"robotics", "energy"}),
    stages=frozenset({"pre_a", "series_a"}),
    ticket_min_krw=100_000_000,
    ticket_max_krw=1_000_000_000,
    regions=frozenset({"nationwide"}),
    max_company_age_years=7,
    capacity=5,
)


def value_of(key: str, company: CompanyFacts, mandate: MandateFacts, today: date = TODAY) -> int:
    components = score_pair(company, mandate, today).components
    [found] = [component for component in components if component.key == key]
    return found.value


def test_the_codes_are_those_of_the_forms_and_sheets() -> None:
    assert list(SECTORS) == Sector.values
    assert list(STAGES) == Stage.values
    assert list(REGIONS) == Region.values


def test_the_default_weights_have_a_version_and_are_per_cent() -> None:
    weights = DEFAULT_WEIGHTS
    assert weights == Weights("2026-1", sector=35, stage=25, ticket=20, age=10, region=10)
    assert weights.sector + weights.stage + weights.ticket + weights.age + weights.region == 100


def test_a_whole_score_with_its_reasons() -> None:
    found = score_pair(COMPANY, MANDATE, TODAY)
    assert found.components == (
        Component("sector", 3500, 5000, 1750, "healthcare,robotics", "robotics,energy"),
        Component("stage", 2500, 5000, 1250, "seed", "pre_a,series_a"),
        Component("ticket", 2000, FULL, 2000, "500000000", "100000000..1000000000"),
        Component("age", 1000, FULL, 1000, "2023-03-02", "7"),
        Component("region", 1000, FULL, 1000, "gwangju_jeonnam", "nationwide"),
    )
    assert found.score == 7000
    assert (found.missing, found.conflicts, found.allowed) == ((), (), True)


def test_what_is_not_known_gives_its_weight_to_the_rest() -> None:
    found = score_pair(replace(COMPANY, ask_krw=0, founded_on=None), MANDATE, TODAY)
    assert found.missing == ("ticket", "age")
    assert [(part.key, part.weight, part.contribution) for part in found.components] == [
        ("sector", 5000, 2500),
        ("stage", 3571, 1786),
        ("region", 1429, 1429),
    ]
    assert found.score == 5715


@pytest.mark.parametrize(
    ("company", "mandate", "missing"),
    [
        ({"sectors": frozenset()}, {}, "sector"),
        ({}, {"sectors": frozenset()}, "sector"),
        ({"stage": ""}, {}, "stage"),
        ({}, {"stages": frozenset()}, "stage"),
        ({"ask_krw": None}, {}, "ticket"),
        ({}, {"ticket_min_krw": None, "ticket_max_krw": None}, "ticket"),
        ({"founded_on": None}, {}, "age"),
        ({}, {"max_company_age_years": None}, "age"),
        ({"region": ""}, {}, "region"),
        ({}, {"regions": frozenset()}, "region"),
    ],
)
def test_silence_on_either_side_is_missing(
    company: dict[str, object], mandate: dict[str, object], missing: str
) -> None:
    some = replace(COMPANY, **company)  # type: ignore[arg-type]
    other = replace(MANDATE, **mandate)  # type: ignore[arg-type]
    found = score_pair(some, other, TODAY)
    assert found.missing == (missing,)
    assert sum(component.weight for component in found.components) == FULL


def test_nothing_known_scores_nothing() -> None:
    found = score_pair(CompanyFacts(1, region=""), MandateFacts(7), TODAY)
    assert (found.score, found.components) == (0, ())
    assert found.missing == ("sector", "stage", "ticket", "age", "region")


@pytest.mark.parametrize(
    ("company", "firm", "value"),
    [
        ({"energy"}, {"energy", "safety"}, FULL),
        ({"energy", "safety"}, {"energy"}, 5000),
        ({"energy", "safety", "culture"}, {"energy", "safety"}, 6666),
        ({"energy"}, {"safety"}, 0),
    ],
)
def test_sector_is_the_share_of_the_companys_sectors(company: set[str], firm: set[str], value: int) -> None:
    mandate = replace(MANDATE, sectors=frozenset(firm))
    assert value_of("sector", replace(COMPANY, sectors=frozenset(company)), mandate) == value


@pytest.mark.parametrize(
    ("stage", "stages", "value"),
    [
        ("seed", {"seed", "series_b"}, FULL),
        ("seed", {"pre"}, 5000),
        ("seed", {"series_a", "series_b"}, 2000),
        ("seed", {"series_b"}, 0),
        ("pre", {"series_b"}, 0),
    ],
)
def test_stage_counts_the_steps_to_the_nearest(stage: str, stages: set[str], value: int) -> None:
    mandate = replace(MANDATE, stages=frozenset(stages))
    assert value_of("stage", replace(COMPANY, stage=stage), mandate) == value


@pytest.mark.parametrize(
    ("ask", "least", "most", "value"),
    [
        (100, 100, 1000, FULL),
        (1000, 100, 1000, FULL),
        (50, 100, 1000, 6990),
        (2000, 100, 1000, 6990),
        (10_000, 100, 1000, 0),
        (10, 100, 1000, 0),
        (9999, 100, 1000, 0),
        (1, 100, 1000, 0),
        (1, None, 1000, FULL),
        (10**15, 100, None, FULL),
        (5, 0, 0, 0),
    ],
)
def test_ticket_falls_with_the_logarithm(ask: int, least: int | None, most: int | None, value: int) -> None:
    mandate = replace(MANDATE, ticket_min_krw=least, ticket_max_krw=most)
    assert value_of("ticket", replace(COMPANY, ask_krw=ask), mandate) == value


@pytest.mark.parametrize(
    ("founded", "today", "value"),
    [
        (date(2019, 11, 22), TODAY, FULL),
        (date(2019, 11, 21), TODAY, 0),
        (date(2026, 11, 22), TODAY, FULL),
        (date(2020, 2, 29), date(2027, 2, 28), FULL),
        (date(2020, 2, 29), date(2027, 3, 1), 0),
    ],
)
def test_a_company_may_be_as_old_as_the_mandate_says(founded: date, today: date, value: int) -> None:
    assert value_of("age", replace(COMPANY, founded_on=founded), MANDATE, today) == value


@pytest.mark.parametrize(
    ("regions", "value"),
    [
        ({"nationwide"}, FULL),
        ({"gwangju_jeonnam", "capital_area"}, FULL),
        ({"capital_area", "nationwide"}, FULL),
        ({"capital_area"}, 0),
        ({"other"}, 0),
    ],
)
def test_the_camp_lies_in_its_region(regions: set[str], value: int) -> None:
    assert value_of("region", COMPANY, replace(MANDATE, regions=frozenset(regions))) == value


@pytest.mark.parametrize(
    ("holding", "conflicts"),
    [
        (HoldingFacts("itself", company_id=1), ("already_invested",)),
        (HoldingFacts("other resident", company_id=2), ()),
        (HoldingFacts("rival", sectors=frozenset({"robotics"}), rival_confirmed=True), ("holds_rival",)),
        (HoldingFacts("perhaps a rival", sectors=frozenset({"robotics"})), ()),
        (HoldingFacts("elsewhere", sectors=frozenset({"energy"}), rival_confirmed=True), ()),
        (HoldingFacts("no sectors", rival_confirmed=True), ()),
        (
            HoldingFacts("itself", company_id=1, sectors=frozenset({"robotics"}), rival_confirmed=True),
            ("already_invested",),
        ),
    ],
)
def test_a_conflict_of_interest(holding: HoldingFacts, conflicts: tuple[str, ...]) -> None:
    mandate = replace(MANDATE, holdings=(holding,))
    assert hard_limits(COMPANY, mandate) == conflicts
    assert score_pair(COMPANY, mandate, TODAY).conflicts == conflicts
    assert score_pair(COMPANY, mandate, TODAY).score == 7000


def test_an_adviser_of_the_company_in_the_firm_is_a_conflict() -> None:
    company = replace(COMPANY, adviser_ids=frozenset({11, 12}))
    assert hard_limits(company, replace(MANDATE, member_ids=frozenset({12, 13}))) == ("adviser_is_member",)
    assert hard_limits(company, replace(MANDATE, member_ids=frozenset({13}))) == ()


def test_a_rival_shares_half_of_the_sectors() -> None:
    company = replace(COMPANY, sectors=frozenset({"energy", "safety", "culture"}))
    half = HoldingFacts("half", sectors=frozenset({"energy", "safety"}))
    less = HoldingFacts("less", sectors=frozenset({"energy", "robotics"}))
    assert rivals(company, replace(MANDATE, holdings=(half, less))) == (half,)


@pytest.mark.parametrize(
    ("make", "code", "field"),
    [
        (lambda: CompanyFacts(1, stage="series_c"), "unknown_code", "stage"),
        (lambda: CompanyFacts(1, sectors=frozenset({"의료"})), "unknown_code", "sectors"),
        (lambda: CompanyFacts(1, region="seoul"), "unknown_code", "region"),
        (lambda: CompanyFacts(1, ask_krw=-1), "negative", "ask_krw"),
        (lambda: MandateFacts(1, stages=frozenset({"a"})), "unknown_code", "stages"),
        (lambda: MandateFacts(1, regions=frozenset({"a"})), "unknown_code", "regions"),
        (lambda: MandateFacts(1, ticket_min_krw=2, ticket_max_krw=1), "empty_ticket_range", "ticket_min_krw"),
        (lambda: MandateFacts(1, capacity=-1), "negative", "capacity"),
        (lambda: replace(DEFAULT_WEIGHTS, stage=-1), "negative", "stage"),
    ],
)
def test_facts_that_make_no_sense(make: object, code: str, field: str) -> None:
    with pytest.raises(ScoringError) as caught:
        make()  # type: ignore[operator]
    assert (caught.value.code, caught.value.field) == (code, field)


companies = st.builds(
    CompanyFacts,
    id=st.just(1),
    sectors=st.frozensets(st.sampled_from(SECTORS), max_size=4),
    stage=st.sampled_from(["", *STAGES]),
    ask_krw=st.none() | st.integers(0, 10**12),
    founded_on=st.none() | st.integers(0, 9000).map(lambda days: TODAY - timedelta(days=days)),
    region=st.sampled_from(["", *REGIONS]),
)
mandates = st.builds(
    lambda ticket, **more: MandateFacts(7, ticket_min_krw=min(ticket), ticket_max_krw=max(ticket), **more),
    ticket=st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)),
    sectors=st.frozensets(st.sampled_from(SECTORS), max_size=5),
    stages=st.frozensets(st.sampled_from(STAGES)),
    regions=st.frozensets(st.sampled_from(REGIONS)),
    max_company_age_years=st.none() | st.integers(0, 20),
)
some_weights = st.builds(Weights, st.just("test"), *[st.integers(0, 1000)] * 5)


@settings(max_examples=100, deadline=None)
@given(companies, mandates, some_weights)
def test_the_reasons_add_up_to_the_score(
    company: CompanyFacts, mandate: MandateFacts, weights: Weights
) -> None:
    found = score_pair(company, mandate, TODAY, weights)
    assert sum(component.contribution for component in found.components) == found.score
    assert 0 <= found.score <= FULL
    assert len(found.components) + len(found.missing) == 5
    if any(getattr(weights, component.key) for component in found.components):
        assert sum(component.weight for component in found.components) == FULL
    for component in found.components:
        assert 0 <= component.value <= FULL
        exact = component.weight * component.value / FULL
        # Half a point is the rounding of the score, less than one that of the parts.
        assert abs(component.contribution - exact) < 1.5
