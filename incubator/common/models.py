"""Abstract models, and the one settings row of the camp."""

from typing import Self

from django.conf import settings
from django.core.cache import caches
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class TimestampedModel(models.Model):
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        abstract = True


class CampSettings(models.Model):
    """What is not ours to guess: the operator's legal name and role, and the camp's policies as data. One row."""

    CACHE_KEY = "camp-settings"

    name = models.CharField(_("camp's Korean name"), max_length=80, default="AI창업캠프")
    name_en = models.CharField(_("camp's English name"), max_length=80, default="AI Startup Camp")
    operator_name_ko = models.CharField(
        _("operator, Korean"), max_length=120, default="인공지능산업융합사업단"
    )
    operator_name_en = models.CharField(
        _("operator, English"), max_length=120, default="Artificial Intelligence Industry Cluster Agency"
    )
    consulting_hours_per_quarter = models.PositiveSmallIntegerField(
        _("consulting hours a company a quarter"), default=12
    )
    minimum_introductions = models.PositiveSmallIntegerField(
        _("introductions guaranteed to a company"), default=3
    )

    class Meta:
        verbose_name = _("camp settings")
        verbose_name_plural = _("camp settings")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="camp_settings_one_row")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.pk = 1
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        caches["local"].delete(self.CACHE_KEY)

    @classmethod
    def current(cls) -> Self:
        """The settings row, cached for a minute in each process; made with its defaults by the migration."""
        found = caches["local"].get(cls.CACHE_KEY)
        if found is None:
            found = cls.objects.filter(pk=1).first() or cls(pk=1)
            caches["local"].set(cls.CACHE_KEY, found, 60)
        return found

    @property
    def operator_name(self) -> str:
        return self.operator_name_en if get_language() == "en" else self.operator_name_ko

    @property
    def display_name(self) -> str:
        return self.name_en if get_language() == "en" else self.name


class IdempotencyKey(models.Model):
    """The answer to a POST that carried an Idempotency-Key, given again when the same request comes again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="common_idempotency_once")]

    def __str__(self) -> str:
        return self.key
