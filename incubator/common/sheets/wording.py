"""Texts that are put into words only when shown, so that one refusal can be read in two languages."""

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import override


def _fill(message: Any, params: dict[str, Any]) -> str:
    text = str(message)
    return text % params if params else text


worded = lazy(_fill, str)
"""`worded(message, params)`: a lazy text; `message` is translated and `params` filled in when it is shown."""


def in_language(text: Any, language: str) -> str:
    """The lazy text as a reader of `language` ("ko", "en") sees it."""
    with override(language):
        return str(text)


def bilingual_text(text: Any) -> str:
    """Korean, then English after a slash; once only when both read the same."""
    korean, english = in_language(text, "ko"), in_language(text, "en")
    return korean if korean == english else f"{korean} / {english}"
