"""Asks the process of `drawing` to look at a file, or to draw marked pages of it."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from incubator.common.papers import PaperFontMissing

from . import drawing
from .errors import (
    DocumentActive,
    DocumentCarrying,
    DocumentDamaged,
    DocumentLocked,
    DocumentTooComplex,
    DocumentTooLong,
    DrawingBusy,
)

PAGE_EDGE = 1600
FILE_EDGE = 1300
PAGE_SECONDS, INSPECT_SECONDS, FILE_SECONDS = 10, 20, 120
OFFICE = "application/vnd.openxmlformats-officedocument."
AT_ONCE = 2
PATIENCE = 20
FONT = "Pretendard-Medium.otf"
_REFUSALS: dict[str, Any] = {
    "locked": DocumentLocked,
    "damaged": DocumentDamaged,
    "active": DocumentActive,
    "carrying": DocumentCarrying,
    "too_large": DocumentTooComplex,
}
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Mark:
    """Who reads, and when: burnt into every page. `foot` says what the page is of."""

    reader: str
    firm: str
    at: datetime
    foot: str

    @property
    def lines(self) -> list[str]:
        return [self.reader, f"{self.firm} · {timezone.localtime(self.at):%Y-%m-%d %H:%M:%S} KST"]


def page_count(content: bytes, content_type: str) -> int:
    """How many pages it has, 0 for what is not shown page by page, once it is harmless.

    Raises DocumentLocked, DocumentDamaged, DocumentActive, DocumentCarrying, DocumentTooLong, DocumentTooComplex, DrawingBusy.
    """
    kind = _kind(content_type)
    if kind is None:
        return 0
    said, _drawn = _ask({"do": "inspect", "kind": kind}, content, INSPECT_SECONDS)
    return int(said["pages"])


def page_picture(content: bytes, content_type: str, *, page: int, mark: Mark) -> bytes:
    """The page as WebP with the mark. Raises as page_count."""
    return _draw("page", content, content_type, mark, PAGE_EDGE, PAGE_SECONDS, page=page)


def marked_file(content: bytes, content_type: str, *, mark: Mark) -> bytes:
    """All pages as a new PDF of marked pictures. Raises as page_count."""
    return _draw("file", content, content_type, mark, FILE_EDGE, FILE_SECONDS)


def cleaned_file(content: bytes, content_type: str) -> bytes:
    """A file that cannot be drawn, as it is handed over: Office formats lose what they say of their authors; HWP, text and
    tables go as they came. Raises DocumentDamaged, DocumentTooComplex, DrawingBusy."""
    if not content_type.startswith(OFFICE):
        return content
    return _ask({"do": "clean"}, content, PAGE_SECONDS)[1]


def _kind(content_type: str) -> str | None:
    if content_type == "application/pdf":
        return "pdf"
    return "picture" if content_type.startswith("image/") else None


def _draw(
    do: str, content: bytes, content_type: str, mark: Mark, edge: int, seconds: int, **more: Any
) -> bytes:
    font = Path(settings.PAPER_FONTS) / FONT
    if not font.is_file():
        raise PaperFontMissing(f"no font {font}: run make venv")
    asked = {
        "do": do,
        "kind": _kind(content_type),
        "lines": mark.lines,
        "foot": mark.foot,
        "font": str(font),
        "edge": edge,
        **more,
    }
    return _ask(asked, content, seconds)[1]


@contextmanager
def _place() -> Any:
    """One of the few drawings that this process has under way at once."""
    if not _places.acquire(timeout=PATIENCE):
        raise DrawingBusy
    try:
        yield
    finally:
        _places.release()


def _ask(asked: dict[str, Any], content: bytes, seconds: int) -> tuple[dict[str, Any], bytes]:
    # The process gets neither our environment nor our modules: only its own file, the libraries, and what it shall look at.
    command: Sequence[str] = [sys.executable, "-I", drawing.__file__]
    line = json.dumps({**asked, "seconds": seconds}).encode() + b"\n"
    with _place():
        try:
            done = subprocess.run(
                command,
                input=line + content,
                capture_output=True,
                timeout=seconds * 2,
                env={"LANG": "C.UTF-8"},
                cwd="/",
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise DocumentTooComplex from error
    if done.returncode != 0:  # killed by a limit, or broken by the file
        raise DocumentTooComplex
    head, _newline, drawn = done.stdout.partition(b"\n")
    said = json.loads(head)
    if refused := said.get("refused"):
        if refused == "too_many_pages":
            raise DocumentTooLong(pages=drawing.MOST_PAGES)
        raise _REFUSALS[refused]
    return said, drawn
