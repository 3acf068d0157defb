"""Addresses out of names: Korean syllables become Latin letters by the Revised Romanisation."""

import re

_FIRST = "g kk n d tt r m b pp s ss  j jj ch k t p h".split(" ")  # noqa: SIM905
_MIDDLE = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" ")  # noqa: SIM905
_LAST = " k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" ")  # noqa: SIM905
_SYLLABLES = range(0xAC00, 0xD7A4)


def romanised(text: str) -> str:
    """The text with each Hangul syllable in Latin letters; everything else as it was."""
    return "".join(_syllable(character) for character in text)


def _syllable(character: str) -> str:
    if ord(character) not in _SYLLABLES:
        return character
    rest, last = divmod(ord(character) - _SYLLABLES.start, 28)
    first, middle = divmod(rest, 21)
    return _FIRST[first] + _MIDDLE[middle] + _LAST[last]


def slug_of(*names: str, length: int = 60) -> str:
    """Lower-case letters, digits and hyphens out of the first name that has any; "company" when none has."""
    for name in names:
        slug = re.sub(r"[^a-z0-9]+", "-", romanised(name).lower()).strip("-")[:length].strip("-")
        if slug:
            return slug
    return "company"
