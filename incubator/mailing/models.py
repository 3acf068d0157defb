from datetime import datetime, timedelta
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# A mail that was taken this long ago and is not known to be sent: whoever took it is gone.
UNCLEAR_AFTER = timedelta(minutes=15)


class Mail(models.Model):
    """A mail, written down with what it tells and sent once that is committed.

    `key` names the mail for ever: a second one of the same key is never written. `claimed_at` is set, and committed, before the
    mail server hears of it; a server that refuses gives it back. So a mail goes out at most once, and one whose sender
    was lost in between stays claimed, to be seen and decided by a person.
    """

    topic = models.CharField(_("about"), max_length=20)
    key = models.CharField(max_length=120, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("recipient"),
    )
    address = models.EmailField(_("e-mail"))
    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("text"))
    made_at = models.DateTimeField(_("written"))
    claimed_at = models.DateTimeField(_("handed over"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failure = models.CharField(_("what the mail server said"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True) | models.Q(claimed_at__isnull=False),
                name="mailing_sent_was_claimed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["made_at"], condition=models.Q(sent_at__isnull=True), name="mailing_mail_waiting"
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="mail_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="written_stays",
                fields=["topic", "key", "user", "address", "subject", "body", "made_at"],
            ),
            pgtrigger.Protect(
                name="sent_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.sent_at IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def is_unclear(self, now: datetime) -> bool:
        """Handed to a mail server, and nobody knows whether it took it."""
        return self.sent_at is None and self.claimed_at is not None and self.claimed_at < now - UNCLEAR_AFTER
