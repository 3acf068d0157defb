from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from investors.firms.models import Firm


class FirmCalendar(models.Model):
    """The secret address of a firm's meetings, kept as its hash. A new address takes the place of the old one at once.

    Investors write nothing, so a manager makes and closes it.
    """

    firm = models.OneToOneField(
        Firm, models.PROTECT, primary_key=True, related_name="calendar", verbose_name=_("firm")
    )
    token_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 (closed: none)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    revoked_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar address of a firm")
        verbose_name_plural = _("calendar addresses of firms")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(token_hash__isnull=False, revoked_at__isnull=True)
                | models.Q(token_hash__isnull=True, revoked_at__isnull=False),
                name="invest_calendar_open_or_closed",
            )
        ]

    def __str__(self) -> str:
        return str(self.firm)
