from decimal import Decimal

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from tenants.leases.enums import Condition, Equipment, SpaceKind
from tenants.leases.floorplan import GRID, Box


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


def _cells(first: str, length: str) -> models.Func:
    """The cells of the plan that a side of a space covers."""
    return models.Func(
        models.F(first), models.F(first) + models.F(length), template="int4range(%(expressions)s)"
    )


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
    equipment = ArrayField(
        models.CharField(max_length=20, choices=Equipment.choices),
        verbose_name=_("equipment"),
        default=list,
        blank=True,
    )
    equipment_note = models.CharField(_("more about the equipment"), max_length=400, blank=True)
    # The latest of the records that `condition_records` keeps, beside the space for lists and plans.
    condition = models.CharField(
        _("condition"), max_length=8, choices=Condition.choices, default=Condition.GOOD
    )
    condition_since = models.DateField(_("in this condition since"), null=True, blank=True)
    condition_note = models.CharField(_("about the condition"), max_length=400, blank=True)
    # Where on the plan of its floor, in cells of one metre from the upper left corner; all four or none.
    plan_x = models.PositiveSmallIntegerField(_("from the left"), null=True, blank=True)
    plan_y = models.PositiveSmallIntegerField(_("from the top"), null=True, blank=True)
    plan_w = models.PositiveSmallIntegerField(_("width"), null=True, blank=True)
    plan_h = models.PositiveSmallIntegerField(_("depth"), null=True, blank=True)

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
            models.CheckConstraint(
                condition=models.Q(equipment__contained_by=Equipment.values),
                name="leases_space_equipment_known",
            ),
            models.CheckConstraint(
                condition=models.Q(condition__in=Condition.values), name="leases_space_condition_known"
            ),
            models.CheckConstraint(
                condition=models.Q(plan_x=None, plan_y=None, plan_w=None, plan_h=None)
                | models.Q(
                    plan_x__isnull=False,
                    plan_y__isnull=False,
                    plan_w__isnull=False,
                    plan_h__isnull=False,
                    plan_x__gte=0,
                    plan_y__gte=0,
                    plan_w__gte=1,
                    plan_h__gte=1,
                    plan_x__lte=GRID - models.F("plan_w"),
                    plan_y__lte=GRID - models.F("plan_h"),
                ),
                name="leases_space_on_the_grid",
            ),
            # Looked at once a statement, so that one form may let two rooms change places.
            ExclusionConstraint(
                name="leases_spaces_apart_on_plan",
                expressions=[
                    same("floor"),
                    (_cells("plan_x", "plan_w"), RangeOperators.OVERLAPS),
                    (_cells("plan_y", "plan_h"), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(plan_x__isnull=False),
                deferrable=models.Deferrable.IMMEDIATE,
            ),
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

    @property
    def box(self) -> Box | None:
        """Where it lies on the plan of its floor, None while nobody has placed it."""
        if self.plan_x is None or self.plan_y is None or self.plan_w is None or self.plan_h is None:
            return None
        return Box(self.plan_x, self.plan_y, self.plan_w, self.plan_h)

    @property
    def equipment_names(self) -> list[str]:
        return [str(Equipment(word).label) for word in self.equipment]


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
