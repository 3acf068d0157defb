from decimal import Decimal

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from tenants.leases.enums import SpaceKind


@pghistory.track()
class Building(TimestampedModel):
    name = models.CharField(_("name"), max_length=80, unique=True)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    address = models.CharField(_("postal address"), max_length=200, blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)

    class Meta:
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return (self.name_en if get_language() == "en" else "") or self.name


@pghistory.track()
class Floor(TimestampedModel):
    building = models.ForeignKey(Building, models.PROTECT, related_name="floors", verbose_name=_("building"))
    level = models.SmallIntegerField(_("floor"), help_text=_("Floors below the ground are negative."))

    class Meta:
        verbose_name = _("floor")
        verbose_name_plural = _("floors")
        ordering = ["building__name", "level"]
        constraints = [
            models.UniqueConstraint(fields=["building", "level"], name="leases_floor_once"),
            # What the composite foreign key of Space points at.
            models.UniqueConstraint(fields=["id", "building"], name="leases_floor_with_building"),
            models.CheckConstraint(condition=~models.Q(level=0), name="leases_floor_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.building} {self.label}"

    @property
    def label(self) -> str:
        if self.level < 0:
            return gettext("Basement %(level)s") % {"level": -self.level}
        return gettext("Floor %(level)s") % {"level": self.level}


@pghistory.track()
class Space(TimestampedModel):
    """A room or a fixed desk. That its floor belongs to its building is a composite foreign key of the database."""

    building = models.ForeignKey(Building, models.PROTECT, related_name="spaces", verbose_name=_("building"))
    floor = models.ForeignKey(Floor, models.PROTECT, related_name="spaces", verbose_name=_("floor"))
    code = models.CharField(_("number of the room or desk"), max_length=20)
    kind = models.CharField(_("kind"), max_length=8, choices=SpaceKind.choices, default=SpaceKind.ROOM)
    area_m2 = models.DecimalField(
        _("area, m²"), max_digits=7, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    seats = models.PositiveSmallIntegerField(_("seats"), validators=[MinValueValidator(1)])
    active = models.BooleanField(
        _("is let"), default=True, help_text=_("Switched off, no new lease can be made for it.")
    )

    class Meta:
        verbose_name = _("space")
        verbose_name_plural = _("spaces")
        ordering = ["building__name", "code"]
        constraints = [
            models.UniqueConstraint(fields=["building", "code"], name="leases_space_code_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=SpaceKind.values), name="leases_space_kind_known"
            ),
            models.CheckConstraint(condition=models.Q(area_m2__gt=0), name="leases_space_area_positive"),
            models.CheckConstraint(condition=models.Q(seats__gt=0), name="leases_space_seats_positive"),
            models.CheckConstraint(condition=~models.Q(code=""), name="leases_space_code_not_empty"),
        ]

    def __str__(self) -> str:
        return self.place

    @property
    def place(self) -> str:
        """Building and code in the reader's words."""
        text = (
            gettext("%(building)s, desk %(code)s")
            if self.kind == SpaceKind.DESK
            else gettext("%(building)s, room %(code)s")
        )
        return text % {"building": self.building.display_name, "code": self.code}


@pghistory.track()
class Rate(TimestampedModel):
    """What a square metre of the space would cost a month in this period; either side of it may be open."""

    space = models.ForeignKey(Space, models.PROTECT, related_name="rates", verbose_name=_("space"))
    period = DateRangeField(_("period"))
    rent_krw_per_m2 = models.PositiveIntegerField(_("monthly rent a m², won"))
    fee_krw_per_m2 = models.PositiveIntegerField(_("monthly maintenance fee a m², won"))
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        ordering = ["space_id", "period"]
        constraints = [
            ExclusionConstraint(
                name="leases_one_rate_a_day", expressions=[same("space"), ("period", RangeOperators.OVERLAPS)]
            ),
            models.CheckConstraint(condition=models.Q(period__isempty=False), name="leases_rate_has_days"),
            models.CheckConstraint(
                condition=models.Q(rent_krw_per_m2__gte=0, fee_krw_per_m2__gte=0),
                name="leases_rate_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rent_krw_per_m2:,} + {self.fee_krw_per_m2:,}"
