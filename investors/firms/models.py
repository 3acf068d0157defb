from typing import ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.enums import Region, Sector, Stage
from incubator.common.models import TimestampedModel

from .enums import FirmKind, FirmMemberLevel


@pghistory.track()
class Firm(TimestampedModel):
    """An investor organisation: accelerator or venture capital. The database refuses founders its PRIVATE_FIELDS."""

    PRIVATE_FIELDS: ClassVar = ("contact_name", "email", "active", "created_at", "updated_at")

    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=4, choices=FirmKind.choices)
    contact_name = models.CharField(_("contact"), max_length=80, blank=True)
    email = models.EmailField(_("contact e-mail"))
    active = models.BooleanField(_("takes part in matching"), default=True)

    class Meta:
        verbose_name = _("firm")
        verbose_name_plural = _("firms")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=FirmKind.values), name="firms_kind_known")
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class FirmMember(TimestampedModel):
    """A person's place in a firm: the grant to read as its investor."""

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="members", verbose_name=_("firm"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="firm_memberships", verbose_name=_("person")
    )
    level = models.CharField(
        _("level"), max_length=8, choices=FirmMemberLevel.choices, default=FirmMemberLevel.MEMBER
    )

    class Meta:
        verbose_name = _("firm member")
        verbose_name_plural = _("firm members")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["firm", "user"], name="firms_member_once"),
            models.CheckConstraint(
                condition=models.Q(level__in=FirmMemberLevel.values), name="firms_member_level_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.firm}"


@pghistory.track()
class Mandate(TimestampedModel):
    """What a firm looks for, and how many introductions it takes. One for each firm; its history is kept."""

    firm = models.OneToOneField(Firm, models.PROTECT, related_name="mandate", verbose_name=_("firm"))
    sectors = ArrayField(
        models.CharField(max_length=20, choices=Sector.choices), verbose_name=_("sectors"), default=list
    )
    stages = ArrayField(
        models.CharField(max_length=10, choices=Stage.choices), verbose_name=_("stages"), default=list
    )
    regions = ArrayField(
        models.CharField(max_length=16, choices=Region.choices), verbose_name=_("regions"), default=list
    )
    ticket_min_krw = models.BigIntegerField(_("smallest ticket, won"))
    ticket_max_krw = models.BigIntegerField(_("largest ticket, won"))
    max_company_age_years = models.PositiveSmallIntegerField(
        _("company age at most, years"), null=True, blank=True
    )
    capacity = models.PositiveSmallIntegerField(_("introductions at most"), default=5)

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ticket_min_krw__gte=0, ticket_max_krw__gte=models.F("ticket_min_krw")),
                name="firms_ticket_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(sectors__contained_by=Sector.values), name="firms_sectors_known"
            ),
            models.CheckConstraint(
                condition=models.Q(stages__contained_by=Stage.values), name="firms_stages_known"
            ),
            models.CheckConstraint(
                condition=models.Q(regions__contained_by=Region.values), name="firms_regions_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.firm)


@pghistory.track()
class Holding(TimestampedModel):
    """A company in which a firm holds shares, by name: it need not be one of ours.

    `name_key` is the name as it is compared: one form of Unicode, no spaces.
    """

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="holdings", verbose_name=_("firm"))
    company_name = models.CharField(_("company"), max_length=120)
    name_key = models.CharField(max_length=120, editable=False, db_index=True)
    sectors = ArrayField(
        models.CharField(max_length=20, choices=Sector.choices),
        verbose_name=_("sectors"),
        default=list,
        blank=True,
    )
    rival_confirmed = models.BooleanField(_("confirmed as a rival in its sectors"), default=False)

    class Meta:
        verbose_name = _("holding")
        verbose_name_plural = _("holdings")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["firm", "name_key"], name="firms_holding_once"),
            models.CheckConstraint(condition=~models.Q(name_key=""), name="firms_holding_named"),
            models.CheckConstraint(
                condition=models.Q(sectors__contained_by=Sector.values), name="firms_holding_sectors_known"
            ),
        ]

    def __str__(self) -> str:
        return self.company_name

    @property
    def sector_labels(self) -> list[str]:
        return [str(Sector(code).label) for code in self.sectors]
