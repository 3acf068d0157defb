import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from investors.firms.enums import TagLanguage


def _composed(field: str) -> models.Q:
    """The text is in the one form of Unicode in which equal words are equal."""
    return models.Q(**{field: models.Func(models.F(field), template="normalize(%(expressions)s, NFC)")})


@pghistory.track()
class Tag(TimestampedModel):
    """A technology by one code, with its name in both languages. What it is also called are its `words`.

    A company that has a tag also has the tags above it.
    """

    code = models.CharField(
        _("code"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"\A[a-z0-9_]+\Z", _("Small letters, digits and _ only."))],
    )
    ko = models.CharField(_("Korean name"), max_length=60)
    en = models.CharField(_("English name"), max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[a-z0-9_]+$"), name="firms_tag_code_form"
            ),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="firms_tag_not_its_own_part"
            ),
            models.CheckConstraint(
                condition=~models.Q(ko="") & ~models.Q(en="") & _composed("ko") & _composed("en"),
                name="firms_tag_named",
            ),
        ]

    def __str__(self) -> str:
        return self.ko if (get_language() or "ko").startswith("ko") else self.en


@pghistory.track()
class TagWord(models.Model):
    """One way to write a tag: its names and its synonyms. `key` is the word as it is compared, of one tag only."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="words", verbose_name=_("tag"))
    language = models.CharField(_("language"), max_length=2, choices=TagLanguage.choices)
    word = models.CharField(_("word"), max_length=60)
    key = models.CharField(max_length=60, unique=True, editable=False)

    class Meta:
        verbose_name = _("word of a tag")
        verbose_name_plural = _("words of tags")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(language__in=TagLanguage.values), name="firms_tag_word_language_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(key="") & _composed("word") & _composed("key"),
                name="firms_tag_word_composed",
            ),
        ]

    def __str__(self) -> str:
        return self.word


class IgnoredWord(models.Model):
    """A word of profiles and mandates that names no technology, so nobody is asked for it again."""

    key = models.CharField(_("word"), max_length=60, unique=True)
    ignored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("put aside by")
    )
    ignored_at = models.DateTimeField(_("put aside"))

    class Meta:
        verbose_name = _("word put aside")
        verbose_name_plural = _("words put aside")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(key="") & _composed("key"), name="firms_ignored_word_composed"
            )
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.key
