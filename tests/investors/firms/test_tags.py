"""The list of technologies: what a word stands for, and that it stands for one thing only."""

import unicodedata
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incubator.common.errors import NotAllowed
from investors.firms import tagging
from investors.firms.errors import TagInCircle, TagInUse, TagWordMissing, TagWordTaken
from investors.firms.models import IgnoredWord, Tag, TagWord
from investors.firms.tagging import tag_list
from investors.firms.vocabulary import TagFact, TagList, composed, key_of, stem_of
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.matching import NOW

WORDS = TagList(
    [TagFact("robot"), TagFact("speech"), TagFact("vision"), TagFact("chip"), TagFact("ai")],
    {
        key_of(word): code
        for word, code in {
            "로봇": "robot",
            "Robot": "robot",
            "음성 인식": "speech",
            "Computer Vision": "vision",
            "AI 반도체": "chip",
            "AI": "ai",
            "C++": "robot",
        }.items()
    },
)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("협동 로봇을 만듭니다", {"robot"}),
        ("음성인식과 음성 인식", {"speech"}),
        ("computer-vision for ROBOTS", {"vision", "robot"}),
        ("AI반도체", {"chip"}),
        ("AI, 반도체", {"chip"}),
        ("an AI product", {"ai"}),
        ("said and aid", set()),
        ("robotics", set()),
        ("C++ engine", {"robot"}),
        (unicodedata.normalize("NFD", "로봇 손"), {"robot"}),
        ("ＲＯＢＯＴ", {"robot"}),
        ("<b>로봇</b><script>", {"robot"}),
        ("Роботы 机器人 🤖", set()),
        ("", set()),
    ],
)
def test_tags_of_a_text(text: str, codes: set[str]) -> None:
    assert {tag.code for tag in WORDS.tags_in([text])} == codes


def test_words_that_are_not_on_the_list() -> None:
    assert WORDS.uncovered("로봇이 딸기를 수확합니다. 딸기는 2026 drone에서") == {"딸기", "drone"}
    assert [stem_of(token) for token in ("딸기를", "합니다", "의", "42", "공장에서는")] == [
        "딸기",
        "",
        "",
        "",
        "공장",
    ]


pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Any:
    return acting_staff("matching")


def tag(manager: Any, code: str, ko: str, en: str, *synonyms: str, parent: Tag | None = None) -> Tag:
    return tagging.keep_tag(
        tag=Tag(), code=code, ko=ko, en=en, parent=parent, synonyms=synonyms, actor=manager
    )


def test_a_tag_is_found_by_its_names_and_synonyms_and_brings_what_it_is_part_of(manager: Any) -> None:
    robot = tag(manager, "robot", "로봇", "Robot", "Robotics", unicodedata.normalize("NFD", "로보틱스"))
    tag(manager, "gripper", "그리퍼", "Gripper", parent=robot)
    assert set(robot.words.values_list("word", flat=True)) == {"로봇", "Robot", "Robotics", "로보틱스"}
    found = tag_list().tag_of("그리퍼")
    assert (found.code, found.above) == ("gripper", ("robot",))
    tagging.keep_tag(tag=robot, code="robot", ko="로봇", en="Robot", synonyms=["robotics"], actor=manager)
    assert {word.word: word.language for word in robot.words.all()} == {
        "로봇": "ko",
        "Robot": "en",
        "robotics": "en",
    }


@pytest.mark.parametrize("word", ["robot", "ＲＯＢＯＴ", "R-o b o t", unicodedata.normalize("NFD", "로봇")])
def test_a_word_stands_for_one_tag_only(manager: Any, word: str) -> None:
    tag(manager, "robot", "로봇", "Robot")
    other = tag(manager, "arm", "로봇팔", "Arm")
    with pytest.raises(TagWordTaken):
        tagging.add_synonym(tag=other, word=word, actor=manager)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        TagWord.objects.create(tag=other, language="en", word=composed(word), key=key_of(word))
    assert refused.value.__cause__.diag.constraint_name.startswith("firms_tagword_key")


def test_the_database_keeps_words_in_one_form(manager: Any) -> None:
    robot = tag(manager, "robot", "로봇", "Robot")
    apart = unicodedata.normalize("NFD", "로보틱스")
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        TagWord.objects.create(tag=robot, language="ko", word=apart, key=apart)
    assert refused.value.__cause__.diag.constraint_name == "firms_tag_word_composed"


def test_tags_are_refused_that_make_no_sense(manager: Any) -> None:
    robot = tag(manager, "robot", "로봇", "Robot")
    gripper = tag(manager, "gripper", "그리퍼", "Gripper", parent=robot)
    with pytest.raises(TagInCircle):
        tagging.keep_tag(tag=robot, code="robot", ko="로봇", en="Robot", parent=gripper, actor=manager)
    with pytest.raises(TagWordMissing):
        tag(manager, "empty", "…", "–")
    robot.refresh_from_db()
    with pytest.raises(TagInUse):
        tagging.remove_tag(tag=robot, actor=manager)
    tagging.remove_tag(tag=gripper, actor=manager)
    assert TagWord.objects.filter(tag__code="gripper").count() == 0
    for other in (acting_staff("leases"), founder_of(CompanyFactory())):
        with pytest.raises(NotAllowed):
            tagging.add_synonym(tag=robot, word="로보틱스", actor=other)


def test_a_word_is_put_aside_once(manager: Any) -> None:
    for word in ("제품", unicodedata.normalize("NFD", "제품")):
        tagging.ignore_word(word=word, actor=manager, now=NOW)
    assert [each.key for each in IgnoredWord.objects.all()] == ["제품"]
