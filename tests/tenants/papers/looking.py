"""Looking at a PDF: its text, the letters of its own fonts, and its pages as pictures."""

import io
from collections.abc import Iterator
from typing import Any

import pypdfium2
from fontTools.cffLib import CFFFontSet
from fontTools.ttLib import TTFont
from PIL import Image
from pypdf import PdfReader


def texts(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        words = page.get_textpage()
        found.append(words.get_text_range())
        words.close()
        page.close()
    document.close()
    return found


def pictures(pdf: bytes, scale: float = 2) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        found.append(page.render(scale=scale).to_pil().convert("L"))
        page.close()
    document.close()
    return found


def ink(pdf: bytes, letter: str, page: int = 0) -> list[int]:
    """How many dark pixels each drawing of this letter has on the page: none for one that is not drawn."""
    document = pypdfium2.PdfDocument(pdf)
    sheet = document[page]
    words = sheet.get_textpage()
    scale, height = 4, sheet.get_height()
    picture = sheet.render(scale=scale).to_pil().convert("L")
    found = []
    for index in range(words.count_chars()):
        if words.get_text_range(index, 1) == letter:
            left, bottom, right, top = words.get_charbox(index)
            box = (left * scale, (height - top) * scale, right * scale + 1, (height - bottom) * scale + 1)
            histogram = picture.crop(tuple(round(each) for each in box)).histogram()
            found.append(sum(histogram[:128]))
    words.close()
    sheet.close()
    document.close()
    return found


def undrawn(pdf: bytes) -> list[str]:
    """Where the paper draws `.notdef`, the box for a letter that the font does not have: codes of glyph 0 in its text."""
    found = []
    for number, page in enumerate(PdfReader(io.BytesIO(pdf)).pages):
        for font, code in _glyphs(page):
            if code == 0:
                found.append(f"page {number + 1}, {font}")
    return found


def _glyphs(page: Any) -> Iterator[tuple[str, int]]:
    """Each glyph that the page shows, as (font, number). Typst writes text as two bytes a glyph (Identity-H)."""
    name = ""
    found: list[tuple[str, int]] = []

    def visit(operator: bytes, operands: Any, _cm: Any, _tm: Any) -> None:
        nonlocal name
        if operator == b"Tf":
            name = str(operands[0])
        elif operator in (b"Tj", b"TJ"):
            parts = operands[0] if operator == b"TJ" else [operands[0]]
            for part in parts:
                if isinstance(part, (int, float)) or not hasattr(part, "original_bytes"):
                    continue
                raw = part.original_bytes
                found.extend((name, int.from_bytes(raw[at : at + 2], "big")) for at in range(0, len(raw), 2))

    page.extract_text(visitor_operand_before=visit)
    assert found, "no text is drawn on this page"
    yield from found


def fonts(pdf: bytes) -> set[str]:
    """The names of the fonts that the paper carries along, each checked to be readable."""
    names = set()
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for reference in page["/Resources"]["/Font"].values():
            descendant = reference.get_object()["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"].get_object()
            for key in ("/FontFile2", "/FontFile3"):
                if key in descriptor:
                    data = descriptor[key].get_object().get_data()
                    if key == "/FontFile2":
                        TTFont(io.BytesIO(data)).getGlyphOrder()
                    else:
                        CFFFontSet().decompile(io.BytesIO(data), None)
                    names.add(str(descriptor["/FontName"]).split("+")[-1])
    return names
