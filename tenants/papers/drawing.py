"""How a paper is drawn from its content: the same content gives the same bytes."""

import hashlib
import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from incubator.common.papers import pdf


def canonical(content: Mapping[str, Any]) -> str:
    """JSON in one form only: names sorted, nothing between them, no number that is not exact."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_refuse
    )


def _refuse(value: Any) -> Any:
    raise TypeError(f"{value!r} is no JSON: say it in the words that the paper shall show")


def sha256(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def drawn(template: str, content: Mapping[str, Any], *, issued_at: datetime) -> bytes:
    """The PDF of a paper's whole content (`Paper.content`), as it is issued."""
    data = json.loads(canonical(content))
    data["paper"]["qr"] = _qr(data["paper"]["address"])
    return pdf(template, data, made_at=issued_at)


def _qr(text: str) -> str:
    import segno

    target = io.BytesIO()
    segno.make(text, error="m", micro=False).save(target, kind="svg", xmldecl=False, border=2)
    return target.getvalue().decode()
