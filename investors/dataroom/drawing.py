"""Runs as a process of its own, because it opens files that strangers wrote: looks at one, or draws its pages with a mark.

Stdin: one line of JSON (`do`, `kind` and what that needs), then the file. Stdout: one line of JSON, then what was drawn.
It knows no Django and no secret (its environment is empty), writes no file, and bounds itself before it reads:
memory, processor time, pages, pixels. Whatever a parser stumbles over is a refusal in one word, never a trace of the file.
"""

import io
import json
import os
import resource
import sys
from collections.abc import Iterator
from typing import Any

MEMORY = 1_200 * 1024 * 1024
MOST_PAGES = 300
MOST_OBJECTS = 200_000
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 14_400  # points; what PDF itself allows
MARK_SHADES = (((20, 30, 50), 56), ((255, 255, 255), 44))  # dark on light pages, light on dark ones
FOOT = 30

# Words of a PDF that make something happen, or carry another file: nothing of the kind belongs into a document to be read.
_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToE",
    "/Rendition",
    "/RichMediaExecute",
}
_KEYS = {"/JS", "/EmbeddedFiles", "/XFA", "/RichMediaContent", "/EF"}


class Refused(Exception):
    """In one word: locked, damaged, active, carrying, too_many_pages, too_large."""


def bound(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _opened(content: bytes) -> Any:
    import pypdfium2
    from pypdfium2 import raw

    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Refused("locked" if locked else "damaged") from error


def inspect_pdf(content: bytes) -> int:
    """How many pages it has, once it is one that may be kept."""
    document = _opened(content)
    pages = len(document)
    if pages > MOST_PAGES:
        raise Refused("too_many_pages")
    if pages < 1:
        raise Refused("damaged")
    _demand_harmless(content)
    _page_of(document, 0, edge=200)
    return pages


def _demand_harmless(content: bytes) -> None:
    import logging

    from pypdf import PdfReader
    from pypdf.errors import LimitReachedError

    logging.disable(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise Refused("locked")
        for number, thing in enumerate(_objects(reader)):
            if number > MOST_OBJECTS:
                raise Refused("too_large")
            _demand_harmless_part(thing)
    except Refused:
        raise
    except (MemoryError, RecursionError, LimitReachedError) as error:
        raise Refused("too_large") from error
    except Exception as error:  # a parser in a hostile file
        raise Refused("damaged") from error


def _objects(reader: Any) -> Iterator[Any]:
    """Every object that the file lists, used or not: what one reader ignores another one runs."""
    yield reader.trailer
    for generation, numbers in reader.xref.items():
        for number in numbers:
            yield reader.get_object(_reference(reader, number, generation))
    for number in reader.xref_objStm:
        yield reader.get_object(_reference(reader, number, 0))


def _reference(reader: Any, number: int, generation: int) -> Any:
    from pypdf.generic import IndirectObject

    return IndirectObject(number, generation, reader)


def _demand_harmless_part(thing: Any) -> None:
    """Down into an object, not across its references: those are visited by themselves."""
    from pypdf.generic import ArrayObject, DictionaryObject

    waiting = [thing]
    while waiting:
        part = waiting.pop()
        if isinstance(part, DictionaryObject):
            if str(part.raw_get("/S") if "/S" in part else "") in _ACTIONS or "/JS" in part:
                raise Refused("active")
            if str(part.raw_get("/Type") if "/Type" in part else "") == "/EmbeddedFile" or _KEYS & set(part):
                raise Refused("carrying")
            waiting += [part.raw_get(key) for key in part]
        elif isinstance(part, ArrayObject):
            waiting += list(list.__iter__(part))


def _page_of(document: Any, at: int, *, edge: int) -> Any:
    """The page as a picture whose longer side is `edge` at most, whatever size the page claims to have."""
    import pypdfium2
    from PIL import Image

    try:
        page = document[at]
        width, height = page.get_size()
        if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
            raise Refused("too_large" if max(width, height) > LONGEST_SIDE else "damaged")
        scale = edge / max(width, height)
        drawn = page.render(scale=min(scale, 4), may_draw_forms=False).to_pil()
        picture = drawn.convert("RGB")
        page.close()
    except pypdfium2.PdfiumError as error:
        raise Refused("damaged") from error
    if min(picture.size) < edge // 60:  # a strip nobody could read, nor the mark on it
        sheet = Image.new("RGB", (max(picture.width, edge // 2), max(picture.height, edge // 2)), "white")
        sheet.paste(picture, (0, 0))
        return sheet
    return picture


def _picture_of(content: bytes, *, edge: int) -> Any:
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as source:
            if source.width * source.height > MOST_PIXELS:
                raise Refused("too_large")
            source.draft("RGB", (edge, edge))
            upright = ImageOps.exif_transpose(source)
            upright.thumbnail((edge, edge))
            sheet = Image.new("RGB", upright.size, "white")
            if upright.has_transparency_data:
                upright = upright.convert("RGBA")
                sheet.paste(upright, mask=upright.getchannel("A"))
            else:
                sheet.paste(upright.convert("RGB"))
            return sheet
    except (Refused, MemoryError):
        raise
    except Exception as error:  # as above
        raise Refused("damaged") from error


class Marker:
    """Burns the mark into pictures: its lines slantwise over the whole page, again and again, and a foot that says what it is.

    The mark is as large as the page: cropping leaves some of it, and it lies over the content, so that taking it away
    takes content away.
    """

    def __init__(self, lines: list[str], foot: str, font: str) -> None:
        self.lines, self.foot, self.font = lines, foot, font
        self._masks: dict[tuple[int, int], Any] = {}

    def _font(self, size: int) -> Any:
        from PIL import ImageFont

        return ImageFont.truetype(self.font, size)

    def _mask(self, size: tuple[int, int]) -> Any:
        """White where the mark is. The same for all pages of one size."""
        from PIL import Image

        if size in self._masks:
            return self._masks[size]
        letters = max(13, round(max(size) / 62))
        stamp = self._stamp(letters)
        mask = Image.new("L", size)
        across, down = round(stamp.width * 0.82), round(stamp.height * 0.72)
        for row, y in enumerate(range(-stamp.height // 2, size[1], down)):
            for x in range(-stamp.width // (1 + row % 2), size[0], across):
                mask.paste(255, (x, y), stamp)
        self._masks = {size: mask}
        return mask

    def _stamp(self, letters: int) -> Any:
        """The lines once, slantwise."""
        from PIL import Image, ImageDraw

        font, text, gap = self._font(letters), "\n".join(self.lines), letters // 3
        probe = ImageDraw.Draw(Image.new("L", (1, 1)))
        left, top, right, bottom = probe.multiline_textbbox((0, 0), text, font=font, spacing=gap)
        flat = Image.new("L", (int(right - left) + letters, int(bottom - top) + letters))
        ImageDraw.Draw(flat).multiline_text((-left, -top), text, font=font, fill=255, spacing=gap)
        return flat.rotate(28, resample=Image.Resampling.BICUBIC, expand=True)

    def burn(self, picture: Any, page: int, pages: int) -> Any:
        from PIL import Image, ImageChops, ImageDraw

        mask = self._mask(picture.size)
        for shift, (colour, strength) in enumerate(MARK_SHADES):
            moved = ImageChops.offset(mask, 2 * shift, 2 * shift)
            picture.paste(
                colour, (0, 0), moved.point(lambda value, strength=strength: value * strength // 255)
            )
        sheet = Image.new("RGB", (picture.width, picture.height + FOOT), "white")
        sheet.paste(picture, (0, 0))
        draw = ImageDraw.Draw(sheet)
        font, words = self._font(15), f"{self.foot} · {page}/{pages}"
        while draw.textlength(words, font=font) > sheet.width - 20 and len(words) > 8:
            words = f"{words[: len(words) - 6]}…"
        draw.text((10, picture.height + 6), words, font=font, fill=(70, 70, 70))
        return sheet


def drawn_page(content: bytes, asked: dict[str, Any]) -> bytes:
    """One page, marked, as a WebP."""
    marker = Marker(asked["lines"], asked["foot"], asked["font"])
    page, edge = asked["page"], asked["edge"]
    if asked["kind"] == "picture":
        picture, pages = _picture_of(content, edge=edge), 1
    else:
        document = _opened(content)
        pages = len(document)
        if not 1 <= page <= min(pages, MOST_PAGES):
            raise Refused("damaged")
        picture = _page_of(document, page - 1, edge=edge)
    target = io.BytesIO()
    marker.burn(picture, page, pages).save(target, "WEBP", quality=82, method=2)
    return target.getvalue()


def drawn_file(content: bytes, asked: dict[str, Any]) -> bytes:
    """A new PDF of marked pictures: no text, no words about its author, no name of the file that it came from."""
    marker = Marker(asked["lines"], asked["foot"], asked["font"])
    edge, sheets = asked["edge"], []
    if asked["kind"] == "picture":
        sheets.append(_jpeg(marker.burn(_picture_of(content, edge=edge), 1, 1)))
    else:
        document = _opened(content)
        pages = min(len(document), MOST_PAGES)
        sheets += (
            _jpeg(marker.burn(_page_of(document, at, edge=edge), at + 1, pages)) for at in range(pages)
        )
    return picture_book(sheets)


def _jpeg(picture: Any) -> tuple[int, int, bytes]:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=72)
    return picture.width, picture.height, target.getvalue()


def picture_book(sheets: list[tuple[int, int, bytes]]) -> bytes:
    """A PDF with one JPEG a page, an A4's longer side each, and nothing else in it."""
    out, places = io.BytesIO(), []

    def thing(text: bytes, stream: bytes | None = None) -> None:
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % len(places) + text)
        if stream is not None:
            out.write(b"\nstream\n" + stream + b"\nendstream")
        out.write(b"\nendobj\n")

    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    kids = b" ".join(b"%d 0 R" % (3 + 3 * at) for at in range(len(sheets)))
    thing(b"<< /Type /Catalog /Pages 2 0 R >>")
    thing(b"<< /Type /Pages /Count %d /Kids [ %s ] >>" % (len(sheets), kids))
    for at, (width, height, jpeg) in enumerate(sheets):
        own, scale = 3 + 3 * at, 842 / max(width, height)
        across, down = round(width * scale), round(height * scale)
        thing(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R"
            b" /Resources << /XObject << /P %d 0 R >> >> >>" % (across, down, own + 1, own + 2)
        )
        words = b"q %d 0 0 %d 0 0 cm /P Do Q" % (across, down)
        thing(b"<< /Length %d >>" % len(words), words)
        thing(
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8"
            b" /Filter /DCTDecode /Length %d >>" % (width, height, len(jpeg)),
            jpeg,
        )
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start))
    return out.getvalue()


# Parts of an office file that say who wrote it and where, and what stands in their place.
_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SAID_OF_AUTHORS = {
    "docProps/core.xml": _XML + b"<cp:coreProperties xmlns:cp="
    b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": _XML + b"<Properties xmlns="
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": _XML + b"<Properties xmlns="
    b'"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
}
MOST_UNPACKED = 300 * 1024 * 1024


def cleaned_office(content: bytes) -> bytes:
    """A Word, Excel or PowerPoint file without what it says of its author, its company and its earlier names."""
    import zipfile

    target, unpacked = io.BytesIO(), 0
    try:
        with (
            zipfile.ZipFile(io.BytesIO(content)) as source,
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as clean,
        ):
            for part in source.infolist():
                unpacked += part.file_size
                if unpacked > MOST_UNPACKED:
                    raise Refused("too_large")
                if part.is_dir() or part.filename.startswith("docProps/thumbnail"):
                    continue
                # The moment that ZIP begins with: a part's own says when it was written.
                said = _SAID_OF_AUTHORS.get(part.filename)
                clean.writestr(
                    zipfile.ZipInfo(part.filename),
                    source.read(part) if said is None else said,
                    zipfile.ZIP_DEFLATED,
                )
    except (Refused, MemoryError):
        raise
    except Exception as error:  # as above
        raise Refused("damaged") from error
    return target.getvalue()


def answer(asked: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    if asked["do"] == "inspect":
        if asked["kind"] == "picture":
            _picture_of(content, edge=200)
            return {"pages": 1}, b""
        return {"pages": inspect_pdf(content)}, b""
    if asked["do"] == "clean":
        return {}, cleaned_office(content)
    return {}, (drawn_page if asked["do"] == "page" else drawn_file)(content, asked)


def main() -> None:
    asked = json.loads(sys.stdin.buffer.readline())
    bound(asked["seconds"])
    try:
        said, drawn = answer(asked, sys.stdin.buffer.read())
    except Refused as refused:
        said, drawn = {"refused": str(refused)}, b""
    except (MemoryError, RecursionError):
        said, drawn = {"refused": "too_large"}, b""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + drawn)
    sys.stdout.buffer.flush()
    os._exit(0)  # without the libraries' farewells, which a hostile file may have spoilt


if __name__ == "__main__":
    main()
