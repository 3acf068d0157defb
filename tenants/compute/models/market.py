from typing import ClassVar

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel

from .catalogue import Resource

MAX_PRICE_KRW = 10**9


class MarketPrice(TimestampedModel):
    """What an hour of one unit of a resource costs outside, from a day on until the next price. Never edited."""

    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="market_prices", verbose_name=_("resource"), db_index=False
    )
    krw_per_hour = models.PositiveIntegerField(
        _("won an hour of one unit"), validators=[MinValueValidator(1), MaxValueValidator(MAX_PRICE_KRW)]
    )
    starts_on = models.DateField(_("from"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        verbose_name = _("market price")
        verbose_name_plural = _("market prices")
        ordering = ["resource__code", "-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "starts_on"], name="compute_market_price_once"),
            models.CheckConstraint(
                condition=models.Q(krw_per_hour__gte=1, krw_per_hour__lte=MAX_PRICE_KRW),
                name="compute_market_price_bounds",
            ),
            models.CheckConstraint(
                condition=models.Q(source__regex=r"\S"), name="compute_market_price_source"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="price_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} · {self.krw_per_hour}"
