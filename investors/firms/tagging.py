"""The controlled list of technologies: read as a whole, written by managers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.common.errors import NotAllowed, refusing, validate

from .enums import TagLanguage
from .errors import (
    TagCodeTaken,
    TagInCircle,
    TagInUse,
    TagWordMissing,
    TagWordTaken,
    TagWordTakenMeanwhile,
)
from .models import IgnoredWord, Tag, TagWord
from .rules import may_manage_firms
from .vocabulary import TagFact, TagList, composed, is_korean, key_of


def tag_list() -> TagList:
    """The list as it is now, in one query."""
    words = list(TagWord.objects.select_related("tag").order_by("key"))
    tags = {word.tag_id: word.tag for word in words}
    return TagList(
        (TagFact(tag.code, tag.ko, tag.en, _above(tag, tags)) for tag in tags.values()),
        {word.key: word.tag.code for word in words},
    )


def _above(tag: Tag, tags: dict[int, Tag]) -> tuple[str, ...]:
    found: list[str] = []
    at = tags.get(tag.parent_id or 0)
    while at is not None and at.code not in found:
        found.append(at.code)
        at = tags.get(at.parent_id or 0)
    return tuple(found)


def _demand_manager(actor: Any) -> None:
    if not may_manage_firms(actor):
        raise NotAllowed


@transaction.atomic
def keep_tag(
    *,
    tag: Tag,
    code: str,
    ko: str,
    en: str,
    parent: Tag | None = None,
    synonyms: Iterable[str] = (),
    actor: Any,
) -> Tag:
    """Write a new or changed tag with exactly these synonyms beside its two names.

    Raises NotAllowed, Invalid, TagCodeTaken, TagInCircle, TagWordMissing, TagWordTaken, TagWordTakenMeanwhile.
    """
    _demand_manager(actor)
    tag.code, tag.ko, tag.en, tag.parent = code.strip(), composed(ko), composed(en), parent
    _demand_no_circle(tag)
    validate(tag)
    with refusing({"firms_tag_code": TagCodeTaken}):
        tag.save()
    wanted = {
        _key(word): (word, language)
        for word, language in ((tag.en, TagLanguage.EN), (tag.ko, TagLanguage.KO))
    }
    for synonym in synonyms:
        wanted.setdefault(_key(synonym), (composed(synonym), _language(synonym)))
    held = {word.key: word for word in tag.words.all()}
    for key, word in held.items():
        if key not in wanted:
            word.delete()
        elif (word.word, word.language) != wanted[key]:
            word.word, word.language = wanted[key]
            word.save()
    _add_words(tag, {key: each for key, each in wanted.items() if key not in held})
    return tag


@transaction.atomic
def add_synonym(*, tag: Tag, word: str, actor: Any) -> Tag:
    """One more way to write the tag. Raises NotAllowed, TagWordMissing, TagWordTaken, TagWordTakenMeanwhile."""
    _demand_manager(actor)
    _add_words(tag, {_key(word): (composed(word), _language(word))})
    return tag


@transaction.atomic
def remove_tag(*, tag: Tag, actor: Any) -> None:
    """Take a tag off the list, with its words; what runs have kept of it stays. Raises NotAllowed, TagInUse."""
    _demand_manager(actor)
    if tag.children.exists():
        raise TagInUse
    tag.delete()


@transaction.atomic
def ignore_word(*, word: str, actor: Any, now: datetime) -> None:
    """Ask for this word no more: it names no technology. Raises NotAllowed, TagWordMissing."""
    _demand_manager(actor)
    IgnoredWord.objects.get_or_create(key=_key(word), defaults={"ignored_by": actor, "ignored_at": now})


def _key(word: str) -> str:
    key = key_of(word)
    if not key:
        raise TagWordMissing(word=word)
    return key


def _language(word: str) -> TagLanguage:
    return TagLanguage.KO if any(is_korean(letter) for letter in composed(word)) else TagLanguage.EN


def _add_words(tag: Tag, words: dict[str, tuple[str, TagLanguage]]) -> None:
    taken = TagWord.objects.filter(key__in=words).select_related("tag").order_by("key").first()
    if taken is not None:
        raise TagWordTaken(word=words[taken.key][0], tag=str(taken.tag))
    made = [
        TagWord(tag=tag, language=language, word=word, key=key) for key, (word, language) in words.items()
    ]
    for each in made:
        validate(each)
    with refusing({"firms_tagword_key": TagWordTakenMeanwhile}):
        TagWord.objects.bulk_create(made)


def _demand_no_circle(tag: Tag) -> None:
    """All tags are held meanwhile, so that two changes cannot close a circle between them."""
    parents = dict(Tag.objects.select_for_update().order_by("pk").values_list("pk", "parent_id"))
    at = tag.parent_id
    while at is not None:
        if at == tag.pk:
            raise TagInCircle
        at = parents.get(at)
