"""The words by which a company is read without its name, and what of them would give it away."""

import re
import secrets
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

from .models import Company

# Without letters and digits that are taken for one another.
CODE_LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
CODE_LENGTH = 6
# Words that stand in the names of many and point to none.
_COMMON_LATIN = (
    "ai ml it inc co ltd corp company lab labs tech data bio soft cloud korea gwangju the and of info mail"
)
_COMMON_KOREAN = (
    "회사 랩 연구소 테크 코리아 광주 데이터 소프트 바이오 클라우드 인공지능 에이아이 로봇 로보틱스 헬스 헬스케어 에너지 모빌리티"
    " 시스템 솔루션 스튜디오"
)
_COMMON = frozenset([*_COMMON_LATIN.split(), *_COMMON_KOREAN.split()])
_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|\S+@\S+|\b[a-z0-9-]+\.(?:com|net|org|kr|io|ai|example|dev|app)\b", re.IGNORECASE
)
_NUMBER = re.compile(r"\d[\d\s.\-]{6,}\d")
_FORMS = re.compile(r"주식회사|유한회사|\((?:주|유)\)|㈜")


def new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _each in range(CODE_LENGTH))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _squashed(text: str) -> str:
    return "".join(_WORD.findall(_plain(text)))


def _own_words(company: Company) -> Iterator[str]:
    host = urlsplit(company.homepage).hostname or ""
    names = [company.name, company.name_en, company.slug, company.representative]
    places = [*host.split(".")[:-1], *company.email.partition("@")[0::2]]
    for name in names:
        name = _FORMS.sub(" ", unicodedata.normalize("NFC", name))
        yield _squashed(name)
        yield from _WORD.findall(_plain(name))
    for place in places:
        yield from _WORD.findall(_plain(place.rsplit(".", 1)[0]))


def telling_word(company: Company, text: str) -> str | None:
    """The first thing in a text that tells which company it is of: its names, addresses, people and numbers; None without."""
    for pattern in (_ADDRESS, _NUMBER):
        if found := pattern.search(unicodedata.normalize("NFKC", text)):
            return found.group().strip()
    words, squashed = set(_WORD.findall(_plain(text))), _squashed(text)
    for own in dict.fromkeys(_own_words(company)):
        if len(own) < 2 or own in _COMMON or own.isdigit():
            continue
        # A Latin word is looked for as a whole, or "ion" would be found in "vision"; Korean glues its endings on.
        if own in words or ((not own.isascii() or len(own) >= 5) and own in squashed):
            return own
    return None
