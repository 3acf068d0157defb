"""The versions of the weights: the table of them, and which of them is in force."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .scoring import KEYS, STANDARD_WEIGHTS, Weights


class WeightSet(models.Model):
    """One version of the weights. What was written stays; a newer version takes its place as the one in force.

    `weights` are relative whole numbers by component; a component that is not named is not part of the version.
    """

    version = models.CharField(_("version"), max_length=20, unique=True)
    weights = models.JSONField(_("weights"))
    note = models.CharField(_("why"), max_length=400, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    active = models.BooleanField(_("in force"), default=False)

    class Meta:
        verbose_name = _("version of the weights")
        verbose_name_plural = _("versions of the weights")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(active=True), name="matching_one_active_weights"
            ),
            models.CheckConstraint(condition=~models.Q(version=""), name="matching_weights_have_version"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            # A version ends once, and never comes back: who wants its numbers again makes a new version of them.
            pgtrigger.Protect(
                name="append_only",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NOT (OLD.active AND NOT NEW.active) OR"
                    " (OLD.version, OLD.weights, OLD.note, OLD.made_by_id, OLD.made_at)"
                    " IS DISTINCT FROM (NEW.version, NEW.weights, NEW.note, NEW.made_by_id, NEW.made_at)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def values(self) -> Weights:
        return Weights(self.version, **{key: self.weights[key] for key in KEYS if key in self.weights})


def active_weights() -> Weights:
    """The weights in force; those that the camp was delivered with while nobody has said otherwise."""
    found = WeightSet.objects.filter(active=True).first()
    return found.values if found else STANDARD_WEIGHTS
