"""Papers for printing and keeping: PDF by Typst, from a template of ours and data of whoever asks."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse

PDF = "application/pdf"


class PaperFontMissing(RuntimeError):
    """The fonts have not been copied: `make venv` does it."""


def pdf(template: str, data: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """The paper of `template` (a .typ below the project's templates) with `data`, which the template reads as JSON.

    Text in `data` is data: no letter of it is taken for markup. The same data and time give the same bytes.
    """
    if not any(Path(settings.PAPER_FONTS).glob("*.otf")):
        raise PaperFontMissing(f"no font below {settings.PAPER_FONTS}: run make venv")
    source = _found(template)
    import typst  # large, and most processes print nothing

    compile_: Any = typst.compile  # its own hints know no answer in bytes
    made: bytes = compile_(
        str(source),
        root=str(source.parent),
        font_paths=[str(settings.PAPER_FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(made_at.timestamp()),
    )
    return made


def _found(template: str) -> Path:
    folders: Any = settings.TEMPLATES[0]["DIRS"]
    for folder in folders:
        if (path := Path(folder) / template).is_file():
            return path
    raise FileNotFoundError(template)


def pdf_response(name: str, content: bytes) -> HttpResponse:
    """`content` as `name`.pdf, opened in the browser where it can."""
    response = HttpResponse(content, content_type=PDF)
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}.pdf"
    return response
