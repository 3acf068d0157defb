"""Which technologies a text names, by a controlled list of words in Korean and English. Knows no Django.

Words are compared in one form of Unicode, without case, spaces and hyphens. A Latin word of the list is found as a whole
word (a plural s aside); a Korean one at the beginning of a word, because particles and compounds follow it.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

SHORTEST = 2
_MOST_TOKENS = 6
_TOKEN = re.compile(r"[가-힣]+|[^\W_가-힣]+[+#]*")
_KEPT = frozenset("+#")
# Particles, longest first: what stands at the end of a Korean noun.
_PARTICLES = (
    *("에서는", "으로는", "에게는", "이라는", "으로써", "으로서", "에서의"),
    *(
        "에서",
        "에게",
        "으로",
        "까지",
        "부터",
        "보다",
        "처럼",
        "만큼",
        "마다",
        "대로",
        "이나",
        "라는",
        "하는",
        "하고",
        "하여",
        "하며",
    ),
    *("을", "를", "이", "가", "은", "는", "의", "에", "와", "과", "도", "만", "로", "나"),
)
_SENTENCE_ENDS = ("니다", "세요", "어요", "아요", "해요")
_COMMON_ENGLISH = "a an the and or of in on for to with by from at as is are be we our that which this it its into using use"
_COMMON_KOREAN = (
    "수 것 및 등 더 그 이 저 한 두 세 네 위한 위해 통해 대한 대해 있는 없는 모든 여러 각 또는 그리고 우리 저희 "
    "먼저 함께 알려 특히 이미 바로 매우 가장 모두 다른 새로운 같은 동안 때문 경우 관심 찾아 읽어 보여"
)
_COMMON = frozenset(f"{_COMMON_ENGLISH} {_COMMON_KOREAN}".split())


def key_of(word: str) -> str:
    """The form in which words of tags are compared; empty for a word without letters and digits."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    return unicodedata.normalize("NFC", "".join(each for each in folded if each.isalnum() or each in _KEPT))


def composed(text: str) -> str:
    """The text in the one form of Unicode in which it is stored, without space around it."""
    return unicodedata.normalize("NFC", text).strip()


def tokens_of(text: str) -> list[str]:
    """The words of a text as they are compared, parted where scripts meet. Whatever is no letter or digit only parts."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return _TOKEN.findall(folded)


def is_korean(word: str) -> bool:
    return bool(word) and "가" <= word[-1] <= "힣"


def stem_of(token: str) -> str:
    """A Korean noun without its particle; empty for a word that ends a sentence, or that says nothing."""
    if token in _COMMON or token in _PARTICLES or token.isdecimal():
        return ""
    if not is_korean(token):
        return token if len(token) >= SHORTEST else ""
    if token.endswith(_SENTENCE_ENDS):
        return ""
    for particle in _PARTICLES:
        if token.endswith(particle) and len(token) - len(particle) >= SHORTEST:
            token = token[: -len(particle)]
            break
    return token if len(token) >= SHORTEST and token not in _COMMON else ""


@dataclass(frozen=True, slots=True)
class TagFact:
    """A tag as a score knows it: its code, its names, and the codes of the tags it is part of, the nearest first."""

    code: str
    ko: str = ""
    en: str = ""
    above: tuple[str, ...] = ()


class TagList:
    """The controlled list: `tags` by code, and the code for each key."""

    def __init__(self, tags: Iterable[TagFact], words: Mapping[str, str]) -> None:
        self.tags = {tag.code: tag for tag in tags}
        self.words = dict(words)
        self._by_start: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self.words, key=lambda key: (-len(key), key)):
            self._by_start[key[:SHORTEST]].append(key)

    def tag_of(self, word: str) -> TagFact | None:
        """The tag that a word alone names exactly."""
        code = self.words.get(key_of(word))
        return self.tags.get(code) if code else None

    def tags_in(self, texts: Iterable[str]) -> frozenset[TagFact]:
        """All tags that the texts name; of two words at one place the longer one counts."""
        found: set[str] = set()
        for text in texts:
            found.update(code for _start, _end, code in self._found(tokens_of(text)))
        return frozenset(self.tags[code] for code in found if code in self.tags)

    def uncovered(self, text: str) -> set[str]:
        """Words of the text that no word of the list stands for."""
        tokens = tokens_of(text)
        covered = {at for start, end, _code in self._found(tokens) for at in range(start, end)}
        stems = (stem_of(token) for at, token in enumerate(tokens) if at not in covered)
        return {stem for stem in stems if stem}

    def _found(self, tokens: list[str]) -> Iterator[tuple[int, int, str]]:
        at = 0
        while at < len(tokens):
            length, code = self._at(tokens, at)
            if code:
                yield at, at + length, code
            at += max(length, 1)

    def _at(self, tokens: list[str], at: int) -> tuple[int, str]:
        """How many tokens from here on name a tag, and its code; 0 and nothing where none does."""
        ahead = tokens[at : at + _MOST_TOKENS]
        joined = "".join(ahead)
        for key in self._by_start.get(joined[:SHORTEST], ()):
            if not joined.startswith(key):
                continue
            reached, count = 0, 0
            while reached < len(key):
                reached += len(ahead[count])
                count += 1
            rest = (
                ahead[count - 1][len(ahead[count - 1]) - (reached - len(key)) :] if reached > len(key) else ""
            )
            if not rest or rest == "s" or (is_korean(key) and is_korean(rest)):
                return count, self.words[key]
        return 0, ""
