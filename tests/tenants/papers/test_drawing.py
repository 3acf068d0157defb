"""Papers as pictures and as text: every letter drawn, pages broken where a reader expects it, the same bytes each time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenants.papers.drawing import canonical, drawn
from tests.factories.companies import CompanyFactory
from tests.factories.papers import certificate, make_paper
from tests.tenants.papers.looking import fonts, ink, pictures, texts, undrawn

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
RARE = "꿻㎡₩美"


def made(name: str = "꿻㎡₩美", rows: int = 1, **more: Any) -> tuple[bytes, Any]:
    company = CompanyFactory(name=name)
    paper = make_paper(company, NOW, content=certificate(company, rows), **more)
    return paper.file.read(), paper


def test_rare_letters_are_drawn() -> None:
    pdf, _paper = made()
    assert undrawn(pdf) == []
    (text,) = texts(pdf)
    for letter in RARE:
        assert letter in text
        inks = ink(pdf, letter)
        assert inks, letter
        assert min(inks) > 20, letter
    assert {name.split("-")[0] for name in fonts(pdf)} == {"Pretendard", "NotoSansKR"}


def test_a_letter_that_no_font_has_would_be_noticed() -> None:
    """The control of the test above: Tibetan is in neither font."""
    pdf, _paper = made(name="ཀ")
    assert undrawn(pdf) != []


def test_every_page_carries_code_address_and_number() -> None:
    pdf, paper = made(rows=70)
    pages = texts(pdf)
    assert len(pages) == 3
    for number, text in enumerate(pages, 1):
        assert paper.code_shown in text
        assert "camp.example/verify/" in text
        assert f"{number} / 3" in text
        # The table's head comes again wherever rows do.
        assert ("호실" in text) is ("창업동" in text)
    assert [f"창업동 {number}호" in "".join(pages) for number in range(401, 471)] == [True] * 70


def test_the_picture_code_is_on_every_page() -> None:
    pdf, _paper = made(rows=70)
    for page in pictures(pdf):
        corner = page.crop((int(page.width * 0.8), int(page.height * 0.9), page.width, page.height))
        assert sum(corner.histogram()[:128]) > 800


def test_nothing_runs_off_the_paper() -> None:
    pdf, _paper = made(name="길고도긴이름" * 20)
    for page in pictures(pdf):
        margin = page.width // 14
        for strip in (
            page.crop((0, 0, margin, page.height)),
            page.crop((page.width - margin, 0, page.width, page.height)),
        ):
            assert sum(strip.histogram()[:200]) == 0
    assert "".join(texts(pdf)[0].split()).count("길고도긴이름") == 20


@pytest.mark.parametrize("rows", range(20, 32))
def test_a_heading_is_never_left_alone(rows: int) -> None:
    """Wherever the page ends, a heading has at least one row of its table under it and the seal its sentence."""
    company = CompanyFactory()
    content = {
        "face": [["기업", company.name], *([f"사실 {number}", "값"] for number in range(rows))],
        "words": certificate(company)["words"],
        "spaces": certificate(company, 3)["spaces"],
        "statement": "확인합니다.",
    }
    for text in texts(make_paper(company, NOW, content=content).file.read()):
        assert ("사용 공간" in text) <= ("창업동 401호" in text)
        assert ("직인" in text) is ("확인합니다." in text)


@pytest.mark.parametrize("rows", range(24, 40, 3))
def test_the_seal_of_a_statement_never_stands_alone(rows: int) -> None:
    company = CompanyFactory()
    part = {
        "title": "소개",
        "widths": ["fr"],
        "head": ["투자사"],
        "rows": [],
        "none": "없습니다.",
        "first_number": 1,
    }
    content = {
        "face": [[f"사실 {number}", "값"] for number in range(rows)],
        "parts": [part],
        "note": "단위를 설명합니다.",
        "statement": "확인합니다.",
    }
    paper = make_paper(company, NOW, template="papers/support.typ", content=content)
    last = texts(paper.file.read())[-1]
    assert ("직인" in last, "단위를 설명합니다." in last) == (True, True)


def test_the_same_content_gives_the_same_bytes() -> None:
    pdf, paper = made(rows=30)
    paper.refresh_from_db()
    assert drawn(paper.template, paper.content, issued_at=paper.issued_at) == pdf
    assert drawn(paper.template, paper.content, issued_at=paper.issued_at + timedelta(days=1)) != pdf


def test_markup_in_a_name_is_a_name() -> None:
    pdf, _paper = made(name='#import "base.typ" $x^2$ *굵게* @주 <표> // 끝')
    assert '#import "base.typ" $x^2$ *굵게* @주 <표> // 끝' in texts(pdf)[0].replace("\r\n", " ")


def test_content_has_one_form() -> None:
    assert canonical({"b": 1, "a": ["가", None]}) == '{"a":["가",null],"b":1}'
    with pytest.raises(ValueError, match="Out of range"):
        canonical({"a": float("nan")})
    with pytest.raises(TypeError, match="no JSON"):
        canonical({"a": NOW})
