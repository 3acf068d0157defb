"""Papers: the font has every letter of a name, and data stay data."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst
from django.conf import settings

from incubator.common.papers import PaperFontMissing, pdf

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
TEMPLATE = "tenants/compute/statement.typ"


def picture(letter: str) -> bytes:
    source = f'#set text(font: "Pretendard", fallback: false)\n#set page(width: 40pt, height: 40pt)\n{letter}'
    drawn = typst.compile(
        source.encode(), font_paths=[str(settings.PAPER_FONTS)], ignore_system_fonts=True, format="png"
    )
    return drawn if isinstance(drawn, bytes) else b"".join(drawn)


@pytest.mark.parametrize("letter", "꿻㎡₩뷁·×–−힣")
def test_no_letter_is_missing(letter: str) -> None:
    missing = picture("\ue000")
    assert picture(letter) not in (missing, picture(" "))


def test_without_fonts_it_says_what_to_do(settings: object, tmp_path: Path) -> None:
    settings.PAPER_FONTS = tmp_path  # type: ignore[attr-defined]
    with pytest.raises(PaperFontMissing, match="make venv"):
        pdf(TEMPLATE, {}, made_at=NOW)


def test_a_template_that_is_none() -> None:
    with pytest.raises(FileNotFoundError):
        pdf("tenants/compute/none.typ", {}, made_at=NOW)
