"""Words of profiles and mandates that the list of technologies does not know yet."""

from collections import Counter
from dataclasses import dataclass

from investors.firms.models import IgnoredWord, Mandate
from investors.firms.tagging import tag_list
from investors.firms.vocabulary import key_of
from tenants.companies.models import Company


@dataclass(frozen=True)
class UnknownWord:
    """A word, and in how many companies' profiles and firms' mandates it stands."""

    word: str
    companies: int
    firms: int

    @property
    def count(self) -> int:
        return self.companies + self.firms


def unknown_words() -> list[UnknownWord]:
    """The most frequent first, in four queries. A mandate's technologies come before words of running text."""
    tags, ignored = tag_list(), set(IgnoredWord.objects.values_list("key", flat=True))
    companies: Counter[str] = Counter()
    firms: Counter[str] = Counter()
    wished: Counter[str] = Counter()
    for text in Company.objects.exclude(summary="").values_list("summary", flat=True):
        companies.update(tags.uncovered(text))
    for keywords, thesis in Mandate.objects.filter(firm__active=True).values_list("keywords", "thesis"):
        asked = {keyword for keyword in keywords if not tags.tags_in([keyword])}
        wished.update(asked)
        firms.update(asked | tags.uncovered(thesis))
    words = companies.keys() | firms.keys()
    found = [UnknownWord(word, companies[word], firms[word]) for word in words if key_of(word) not in ignored]
    return sorted(found, key=lambda each: (-wished[each.word], -each.count, each.word))
