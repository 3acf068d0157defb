"""The components of the second version: technologies, young companies, size, own words. They add up, and nobody is
punished for what is not known."""

import unicodedata
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from investors.firms.vocabulary import TagFact
from investors.matching.facts import Facts
from investors.matching.problem import canonical_problem, score_all
from investors.matching.prose import Likeness, likenesses
from investors.matching.scoring import (
    DEFAULT_WEIGHTS,
    FULL,
    KEYS,
    STANDARD_WEIGHTS,
    CompanyFacts,
    MandateFacts,
    ScoringError,
    Standing,
    Weights,
    YoungShare,
    score_pair,
    weights_of,
)
from investors.matching.stored import facts_of
from investors.matching.words import reasons_of, shown_score

from .test_scoring import COMPANY, MANDATE, TODAY

ROBOT = TagFact("robot", "로봇", "Robots")
GRIPPER = TagFact("gripper", "그리퍼", "Grippers", ("robot",))
SPEECH = TagFact("speech", "음성 인식", "Speech recognition")
CHIP = TagFact("chip", "AI 반도체", "AI chip")


def component(key: str, company: CompanyFacts, mandate: MandateFacts, **more: Any) -> Any:
    found = score_pair(company, mandate, TODAY, STANDARD_WEIGHTS, **more)
    return next((part for part in found.components if part.key == key), None)


@pytest.mark.parametrize(
    ("ours", "wanted", "value"),
    [
        ({ROBOT}, {ROBOT}, FULL),
        ({GRIPPER}, {ROBOT}, FULL),
        ({ROBOT}, {GRIPPER}, 5000),
        ({SPEECH}, {ROBOT}, 0),
        ({GRIPPER, ROBOT}, {ROBOT, SPEECH}, FULL),
        ({ROBOT, SPEECH}, {SPEECH, CHIP}, 5000),
        ({ROBOT, SPEECH, CHIP}, {SPEECH}, FULL),
    ],
)
def test_technology_is_the_share_of_the_shorter_list(
    ours: set[TagFact], wanted: set[TagFact], value: int
) -> None:
    company, mandate = replace(COMPANY, tags=frozenset(ours)), replace(MANDATE, tags=frozenset(wanted))
    assert component("technology", company, mandate).value == value


@pytest.mark.parametrize(
    ("founded", "share", "value"),
    [
        (date(2024, 1, 1), YoungShare(0, 0), FULL),
        (date(2023, 11, 22), YoungShare(1, 10), FULL),
        (date(2023, 11, 21), YoungShare(4, 9), FULL),
        (date(2023, 11, 21), YoungShare(2, 9), 5000),
        (date(2020, 1, 1), YoungShare(0, 3), 0),
        (date(2020, 1, 1), YoungShare(0, 0), None),
        (None, YoungShare(1, 2), None),
        (date(2020, 1, 1), None, None),
    ],
)
def test_an_accelerator_must_put_two_fifths_into_young_companies(
    founded: date | None, share: YoungShare | None, value: int | None
) -> None:
    found = component("quota", replace(COMPANY, founded_on=founded), replace(MANDATE, young_share=share))
    assert (found.value if found else None) == value


def test_what_does_not_concern_a_firm_is_neither_counted_nor_missing() -> None:
    asked = score_pair(replace(COMPANY, founded_on=None), MANDATE, TODAY, STANDARD_WEIGHTS)
    assert "quota" not in asked.missing
    accelerator = replace(MANDATE, young_share=YoungShare(0, 0))
    asked = score_pair(replace(COMPANY, founded_on=None), accelerator, TODAY, STANDARD_WEIGHTS)
    assert asked.missing == ("age", "technology", "quota", "traction", "prose")
    assert sum(part.weight for part in asked.components) == FULL


@pytest.mark.parametrize(
    ("standing", "value"),
    [
        (Standing(12, 10, 0, 13), 7692),
        (Standing(1, 0, 0, 3), 0),
        (Standing(9, 2, 2, 4), 7500),
        (Standing(9, 2, 0, 2), None),
        (None, None),
    ],
)
def test_growth_is_a_place_among_enough_others(standing: Standing | None, value: int | None) -> None:
    found = component("traction", replace(COMPANY, standing=standing), MANDATE)
    assert (found.value if found else None) == value


def test_two_texts_without_a_common_word_say_nothing_of_each_other() -> None:
    found = likenesses(
        {1: "흉부 영상에서 결절을 찾습니다.", 2: "We forecast solar power.", 3: ""},
        {7: "영상에서 결절을 찾는 병원 제품", 8: "Solar power and storage", 9: ""},
    )
    assert set(found) == {(1, 7), (2, 8)}
    assert set(found[1, 7].words) == {"영상", "결절"}
    assert 0 < found[2, 8].value <= FULL
    assert component("prose", COMPANY, MANDATE, likeness=None) is None
    assert component("prose", COMPANY, MANDATE, likeness=Likeness(4200, ("영상",))).value == 4200


def test_equal_texts_are_fully_alike_in_either_form_of_unicode() -> None:
    text = "전기버스의 노선과 충전 시각을 함께 최적화합니다."
    decomposed = unicodedata.normalize("NFD", text)
    others = {number: f"{number}번째 다른 기업의 이야기 노선" for number in range(2, 6)}
    assert likenesses({1: text, **others}, {7: decomposed})[1, 7].value == FULL


tags = st.frozensets(st.sampled_from([ROBOT, GRIPPER, SPEECH, CHIP]), max_size=3)
numbers = st.none() | st.integers(0, 50)


@settings(max_examples=80, deadline=None)
@given(
    ours=tags,
    wanted=tags,
    standing=st.none() | st.builds(Standing, *[st.integers(0, 9)] * 3, st.integers(9, 20)),
    share=st.none()
    | st.integers(0, 9).flatmap(lambda n: st.builds(YoungShare, st.just(n), st.integers(n, 20))),
    founded=st.none() | st.dates(date(2015, 1, 1), TODAY),
    likeness=st.none() | st.builds(Likeness, st.integers(0, FULL), st.just(("로봇",))),
    weights=st.builds(Weights, st.just("test"), *[numbers] * 9),
)
def test_all_reasons_add_up_to_the_score(weights: Weights, likeness: Any, **facts: Any) -> None:
    company = replace(COMPANY, tags=facts["ours"], standing=facts["standing"], founded_on=facts["founded"])
    mandate = replace(MANDATE, tags=facts["wanted"], young_share=facts["share"])
    found = score_pair(company, mandate, TODAY, weights, likeness)
    assert sum(part.contribution for part in found.components) == found.score <= FULL
    assert {part.key for part in found.components}.isdisjoint(found.missing)
    assert {*found.missing, *(part.key for part in found.components)} <= weights.numbers.keys()
    shown = reasons_of(found.score, [_stored(part) for part in found.components])
    assert sum(reason.points for reason in shown) == shown_score(found.score)


def _stored(part: Any) -> dict[str, Any]:
    return asdict(part)


FULL_COMPANY = replace(
    COMPANY, tags=frozenset({GRIPPER, SPEECH}), standing=Standing(12, 10, 0, 13), ask_krw=300_000_000
)
FULL_MANDATE = replace(
    MANDATE,
    tags=frozenset({ROBOT}),
    young_share=YoungShare(3, 8),
    ticket_max_krw=500_000_000,
    stages=frozenset({"seed"}),
)
SENTENCES = {
    "ko": {
        "ticket": "티켓 3억은 조건 1–5억 안에 있습니다.",
        "traction": "임직원이 12명으로, 같은 단계의 다른 기업 13곳 중 10곳보다 많습니다.",
        "prose": "기업 소개와 투자사가 쓴 글에 함께 나오는 말: 영상, 결절",
    },
    "en": {
        "ticket": "A ticket of KRW 300M lies within the terms of KRW 100M–500M.",
        "traction": "12 employees: more than 10 of the 13 other companies at its stage.",
        "prose": "The profile and the firm's own words share: 영상, 결절.",
    },
}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_component_has_a_sentence_in_both_languages(language: str) -> None:
    found = score_pair(FULL_COMPANY, FULL_MANDATE, TODAY, STANDARD_WEIGHTS, Likeness(5000, ("영상", "결절")))
    assert [part.key for part in found.components] == list(KEYS)
    with translation.override(language):
        reasons = reasons_of(found.score, [_stored(part) for part in found.components])
        notes = dict(zip(KEYS, (reason.note for reason in reasons), strict=True))
    assert all(notes.values())
    assert {key: notes[key] for key in SENTENCES[language]} == SENTENCES[language]
    named = "그리퍼" if language == "ko" else "Grippers"
    assert named in notes["technology"]
    assert "40%" in notes["quota"]
    assert "%%" not in "".join(notes.values())
    assert sum(reason.weight for reason in reasons) == 1


@pytest.mark.parametrize(
    ("ask", "least", "most", "korean", "english"),
    [
        (250_000_000, 100_000_000, None, "2억 5,000만", "KRW 250M"),
        (50_000_000, None, 3_000_000_000, "5,000만", "KRW 3B"),
        (123_456_789, 0, 0, "123,456,789원", "KRW 123,456,789"),
        (1_500_000_000, 50_000_000, 250_000_000, "5,000만–2억 5,000만", "KRW 50M–250M"),
    ],
)
def test_money_is_said_as_people_say_it(
    ask: int, least: int | None, most: int | None, korean: str, english: str
) -> None:
    company = replace(COMPANY, ask_krw=ask)
    mandate = replace(MANDATE, ticket_min_krw=least, ticket_max_krw=most)
    part = component("ticket", company, mandate)
    for language, expected in (("ko", korean), ("en", english)):
        with translation.override(language):
            assert expected in reasons_of(part.contribution, [_stored(part)])[0].note


def test_html_in_a_name_stays_text() -> None:
    from django.template import Context, Template

    evil = TagFact("evil", "<b>x</b>", "<script>alert(1)</script>")
    company, mandate = replace(COMPANY, tags=frozenset({evil})), replace(MANDATE, tags=frozenset({evil}))
    part = component("technology", company, mandate)
    html = Template("{% load camp %}{% score_reasons reasons total missing %}").render(
        Context({"reasons": reasons_of(2500, [_stored(part)]), "total": None, "missing": ["<i>"]})
    )
    assert "<script>" not in html
    assert "<b>x" not in html
    assert "<i>" not in html


def test_a_stored_run_of_the_first_version_scores_as_it_did() -> None:
    """As the first version kept it: without tags, standing, text and shares, with five weights."""
    problem = {
        "version": 1,
        "today": "2026-11-22",
        "minimum": 3,
        "weights": {"version": "2026-1", "sector": 35, "stage": 25, "ticket": 20, "age": 10, "region": 10},
        "companies": [
            {
                "id": 1,
                "sectors": ["healthcare", "robotics"],
                "stage": "seed",
                "ask_krw": 500_000_000,
                "founded_on": "2023-03-02",
                "region": "gwangju_jeonnam",
                "advisers": [],
            }
        ],
        "firms": [
            {
                "id": 7,
                "capacity": 5,
                "sectors": ["energy", "robotics"],
                "stages": ["pre_a", "series_a"],
                "regions": ["nationwide"],
                "ticket_min_krw": 100_000_000,
                "ticket_max_krw": 1_000_000_000,
                "max_company_age_years": 7,
                "advisers": [],
                "holdings": [["rival", None, ["robotics"], True]],
            }
        ],
        "pairs": [[1, 7, 7000, "holds_rival"]],
    }
    weights = weights_of(problem["weights"])
    assert weights == DEFAULT_WEIGHTS
    found = score_all(facts_of(problem), weights)[1, 7]
    assert [1, 7, found.score, ",".join(found.conflicts)] == problem["pairs"][0]
    assert [(part.key, part.weight, part.value, part.contribution) for part in found.components] == [
        ("sector", 3500, 5000, 1750),
        ("stage", 2500, 5000, 1250),
        ("ticket", 2000, FULL, 2000),
        ("age", 1000, FULL, 1000),
        ("region", 1000, FULL, 1000),
    ]


def test_a_stored_run_of_today_reads_back_to_the_same_scores() -> None:
    texts = {"company": "로봇 손으로 상자를 집습니다.", "firm": "로봇 손과 상자"}
    facts = Facts(
        TODAY,
        3,
        (replace(FULL_COMPANY, text=texts["company"]), CompanyFacts(2, region="")),
        (replace(FULL_MANDATE, text=texts["firm"]), MandateFacts(8)),
    )
    scores = score_all(facts, STANDARD_WEIGHTS)
    kept = canonical_problem(facts, scores, STANDARD_WEIGHTS)
    assert facts_of(kept) == facts
    assert score_all(facts_of(kept), weights_of(kept["weights"])) == scores
    assert scores[1, 7].missing == ()
    # A company without any data against a firm without any is scored, and says what is not known.
    assert (scores[2, 8].score, scores[2, 8].components) == (0, ())
    assert set(scores[2, 8].missing) == set(KEYS) - {"quota"}


@pytest.mark.parametrize(
    ("make", "code"),
    [(lambda: YoungShare(3, 2), "more_than_all"), (lambda: Standing(-1, 0, 0, 0), "negative")],
)
def test_counts_that_make_no_sense(make: Any, code: str) -> None:
    with pytest.raises(ScoringError) as caught:
        make()
    assert caught.value.code == code
