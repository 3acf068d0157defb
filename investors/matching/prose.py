"""How alike a company's profile and a firm's own words are, without a model: pieces of words, weighed by their rarity.

Korean is taken apart into its letters (NFD), so that one stem with different endings is mostly alike. Whole-number
arithmetic in the order of the pieces gives the same value everywhere. Nothing is said of two texts that share no word:
nothing here crosses from Korean to English. Knows no Django.
"""

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from investors.firms.vocabulary import stem_of, tokens_of

Id = int | str
FULL = 10_000
_SIZES = (3, 4, 5)
_SCALE = 1_000
# Two short texts of one field reach about this cosine, in hundredths: it and more counts as full.
_ENOUGH = 35
_WORDS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Likeness:
    """`value` counts 1/10,000; `words` are some that both texts use."""

    value: int
    words: tuple[str, ...]


def likenesses(companies: Mapping[Id, str], firms: Mapping[Id, str]) -> Mapping[tuple[Id, Id], Likeness]:
    """By (company, firm), for pairs whose texts share a word."""
    ours = {key: text for key, text in companies.items() if text}
    theirs = {key: text for key, text in firms.items() if text}
    words_of_firms: dict[str, list[Id]] = defaultdict(list)
    for firm, text in theirs.items():
        for word in _stems(text):
            words_of_firms[word].append(firm)
    shared: dict[tuple[Id, Id], list[str]] = defaultdict(list)
    for company, text in ours.items():
        for word in sorted(_stems(text), key=lambda word: (-len(word), word)):
            for firm in words_of_firms.get(word, ()):
                shared[company, firm].append(word)
    if not shared:
        return {}
    company_terms = {key: _pieces(text) for key, text in ours.items()}
    firm_terms = {key: _pieces(text) for key, text in theirs.items()}
    rarity = _rarity([*company_terms.values(), *firm_terms.values()])
    dots: dict[tuple[Id, Id], int] = defaultdict(int)
    postings: dict[str, list[tuple[Id, int]]] = defaultdict(list)
    for firm, terms in firm_terms.items():
        for term, count in terms.items():
            postings[term].append((firm, count * rarity[term]))
    for company, terms in company_terms.items():
        for term, count in terms.items():
            for firm, weight in postings.get(term, ()):
                dots[company, firm] += count * rarity[term] * weight
    our_norms = {key: _norm(terms, rarity) for key, terms in company_terms.items()}
    their_norms = {key: _norm(terms, rarity) for key, terms in firm_terms.items()}
    return {
        (company, firm): Likeness(
            min(FULL, dots[company, firm] * 100 * FULL // (our_norms[company] * their_norms[firm] * _ENOUGH)),
            tuple(words[:_WORDS_SHOWN]),
        )
        for (company, firm), words in shared.items()
    }


def _stems(text: str) -> set[str]:
    return {stem for token in tokens_of(text) if (stem := stem_of(token))}


def _pieces(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for token in tokens_of(text):
        letters = f" {unicodedata.normalize('NFD', token)} "
        for size in _SIZES:
            found.update(letters[at : at + size] for at in range(len(letters) - size + 1))
    return found


def _rarity(documents: list[Counter[str]]) -> dict[str, int]:
    seen: Counter[str] = Counter()
    for terms in documents:
        seen.update(terms.keys())
    count = len(documents) + 1
    # What half of many texts use says nothing of any.
    common = count // 2 if count > 8 else count
    return {
        term: round(_SCALE * math.log(count / times)) if times <= common else 0
        for term, times in seen.items()
    }


def _norm(terms: Counter[str], rarity: Mapping[str, int]) -> int:
    return math.isqrt(sum((count * rarity[term]) ** 2 for term, count in terms.items())) or 1
