from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessEvent(models.Model):
    """Who saw whose data: identifier, time, place, data subject and task, as the law on personal data asks."""

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    acting_as = models.CharField(_("acting as"), max_length=40)
    ip = models.GenericIPAddressField(_("from where"), null=True)
    subject_type = models.CharField(_("kind of data"), max_length=40)
    subject_ids = models.JSONField(_("whose data"), default=list)
    task = models.CharField(_("what for"), max_length=200)

    class Meta:
        verbose_name = _("access to data")
        verbose_name_plural = _("access log")
        ordering = ["-at", "-pk"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.acting_as} {self.subject_type}"
