"""Codes of papers: long enough that nobody guesses one, easy to read out and to type. Knows no Django.

A code is 15 random characters of Crockford's base 32 (75 bits) and one to check them, written in groups of four. The
check adds every character, each times a different power of the generator of GF(32): any one character that is wrong and
any two that changed places are noticed.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
GROUP = 4
# Letters that a reader takes for a digit, as Crockford reads them, and what people put between the groups.
_READ = str.maketrans(
    {"O": "0", "I": "1", "L": "1", **dict.fromkeys(" -\u2010\u2011\u2013\u2014\u2212\u00b7.\t", "")}
)
_FIELD = 0b100101  # x^5 + x^2 + 1


def make_code() -> str:
    """A new code, from the system's own randomness."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + ALPHABET[_times_generator(_sum(body))]


def read_code(text: str) -> str | None:
    """The code that somebody typed, with or without hyphens, in any case; None when it cannot be one: too short, too
    long, a strange letter, or a typing error."""
    code = text.upper().translate(_READ)
    if len(code) != LENGTH or any(letter not in ALPHABET for letter in code):
        return None
    return code if _times_generator(_sum(code[:-1])) == ALPHABET.index(code[-1]) else None


def shown_code(code: str) -> str:
    """ABCD-EFGH-JKMN-PQRS."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def _times_generator(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value & 0b100000 else value


def _sum(letters: str) -> int:
    total = 0
    for letter in letters:
        total = _times_generator(total) ^ ALPHABET.index(letter)
    return total
