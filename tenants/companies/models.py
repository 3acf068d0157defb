from typing import ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.core.validators import (
    FileExtensionValidator,
    MaxLengthValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.enums import Region, Sector, Stage
from incubator.common.models import TimestampedModel
from incubator.common.periods import same

from .enums import AlumniOutcome, AskBand, MemberLevel, PeopleBand, ResidencyState

TEASER_LIMIT = 600


@pghistory.track()
class Company(TimestampedModel):
    """A startup. Once it agreed, investors see all of it but PRIVATE_FIELDS; the database refuses those.

    One that agreed, but not `shown_by_name`, is a teaser: firms read its `Teaser` until it consents to an introduction.
    """

    PRIVATE_FIELDS: ClassVar = (
        "business_number",
        "corporate_number",
        "representative",
        "email",
        "revenue_krw",
        "cluster_account",
        "created_at",
        "updated_at",
    )

    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    business_number = models.CharField(
        _("business registration number"),
        max_length=10,
        unique=True,
        validators=[RegexValidator(r"\A[0-9]{10}\Z", _("Ten digits, without hyphens."))],
    )
    corporate_number = models.CharField(
        _("corporate registration number"),
        max_length=13,
        blank=True,
        validators=[RegexValidator(r"\A[0-9]{13}\Z", _("Thirteen digits, without hyphens."))],
    )
    representative = models.CharField(_("representative"), max_length=80)
    email = models.EmailField(_("contact e-mail"))
    homepage = models.URLField(_("homepage"), blank=True)
    founded_on = models.DateField(_("founded"), null=True, blank=True)
    sectors = ArrayField(
        models.CharField(max_length=20, choices=Sector.choices),
        verbose_name=_("sectors"),
        default=list,
        blank=True,
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, default=Stage.PRE)
    region = models.CharField(
        _("region"), max_length=16, choices=Region.choices, default=Region.GWANGJU_JEONNAM
    )
    summary = models.TextField(
        _("what it does"), max_length=2000, blank=True, validators=[MaxLengthValidator(2000)]
    )
    employees = models.PositiveIntegerField(_("employees"), default=0)
    revenue_krw = models.BigIntegerField(
        _("yearly revenue, won"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    ask_krw = models.BigIntegerField(
        _("investment sought, won"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    visible_to_investors = models.BooleanField(_("agreed to be seen by investors"), default=False)
    shown_by_name = models.BooleanField(_("seen by name"), default=True)
    cluster_account = models.CharField(
        _("account on the cluster"), max_length=60, null=True, blank=True, unique=True
    )
    picture = models.ImageField(
        _("picture"),
        upload_to="companies/",
        blank=True,
        validators=[FileExtensionValidator(["png", "jpg", "jpeg", "webp"])],
    )

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(business_number__regex=r"^[0-9]{10}$"),
                name="companies_business_number_form",
            ),
            models.CheckConstraint(
                condition=models.Q(corporate_number="") | models.Q(corporate_number__regex=r"^[0-9]{13}$"),
                name="companies_corporate_number_form",
            ),
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="companies_stage_known"),
            models.CheckConstraint(
                condition=models.Q(region__in=Region.values), name="companies_region_known"
            ),
            models.CheckConstraint(
                condition=models.Q(sectors__contained_by=Sector.values), name="companies_sectors_known"
            ),
            models.CheckConstraint(
                condition=models.Q(revenue_krw__isnull=True) | models.Q(revenue_krw__gte=0),
                name="companies_revenue_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(ask_krw__isnull=True) | models.Q(ask_krw__gt=0),
                name="companies_ask_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(cluster_account__isnull=True) | ~models.Q(cluster_account=""),
                name="companies_account_not_empty",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def business_number_shown(self) -> str:
        number = self.business_number
        return f"{number[:3]}-{number[3:5]}-{number[5:]}"

    @property
    def sector_labels(self) -> list[str]:
        return [str(Sector(code).label) for code in self.sectors]


@pghistory.track()
class Teaser(TimestampedModel):
    """What firms read of a company that wants to be seen without its name: words of its own under a code that says nothing.

    A company that hides its name anew gets a new code, so that nobody can tell whom the old one meant.
    """

    company = models.OneToOneField(Company, models.PROTECT, related_name="teaser", verbose_name=_("company"))
    code = models.CharField(_("code"), max_length=8, unique=True)
    text = models.TextField(_("without your name"), max_length=TEASER_LIMIT)

    class Meta:
        verbose_name = _("teaser")
        verbose_name_plural = _("teasers")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Z0-9]{6}$"), name="companies_teaser_code_form"
            )
        ]

    def __str__(self) -> str:
        return self.code


class ShownTeaser(models.Model):
    """A teaser as firms read it: a view of the database, which leaves out whatever names the company and rounds its figures.

    Those that are open to the asking firm by name are not in it.
    """

    code = models.CharField(_("code"), max_length=8)
    text = models.TextField()
    sectors = ArrayField(models.CharField(max_length=20))
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices)
    region = models.CharField(_("region"), max_length=16, choices=Region.choices)
    ask = models.CharField(_("investment sought"), max_length=8, choices=AskBand.choices)
    people = models.CharField(_("employees"), max_length=8, choices=PeopleBand.choices)

    class Meta:
        managed = False
        db_table = "companies_shownteaser"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def sector_labels(self) -> list[str]:
        return [str(Sector(code).label) for code in self.sectors]


@pghistory.track()
class Membership(TimestampedModel):
    """A person's place in a company: the grant to act as its founder."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="memberships", verbose_name=_("company")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    level = models.CharField(
        _("level"), max_length=8, choices=MemberLevel.choices, default=MemberLevel.MEMBER
    )
    title = models.CharField(_("title"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "user"], name="companies_member_once"),
            models.CheckConstraint(
                condition=models.Q(level__in=MemberLevel.values), name="companies_member_level_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_level_display()}"


@pghistory.track()
class Residency(TimestampedModel):
    """The stay of a company: admitted, resident, then graduated or left early. At most one on a day."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="residencies", verbose_name=_("company")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ResidencyState.choices, default=ResidencyState.ADMITTED
    )
    period = DateRangeField(_("period"))
    reason = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("residency")
        verbose_name_plural = _("residencies")
        ordering = ["-period", "-pk"]
        constraints = [
            ExclusionConstraint(
                name="companies_one_residency_a_day",
                expressions=[same("company"), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ResidencyState.values), name="companies_residency_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(period__isempty=False) & models.Q(period__startswith__isnull=False),
                name="companies_residency_has_start",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["admitted", "resident"])
                | models.Q(period__endswith__isnull=False),
                name="companies_residency_ended_has_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.get_state_display()}"


@pghistory.track()
class AlumniRecord(TimestampedModel):
    """What became of a company after its stay, and whether the camp may still write to it, and to whom."""

    residency = models.OneToOneField(
        Residency, models.PROTECT, related_name="alumni", verbose_name=_("residency")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="alumni_records", verbose_name=_("company")
    )
    left_on = models.DateField(_("last day of the stay"))
    outcome = models.CharField(
        _("what became of it"), max_length=10, choices=AlumniOutcome.choices, default=AlumniOutcome.OPERATING
    )
    note = models.TextField(
        _("more about it"), max_length=2000, blank=True, validators=[MaxLengthValidator(2000)]
    )
    contact_consent = models.BooleanField(_("agreed to be written to"), default=False)
    contact_name = models.CharField(_("whom to write to"), max_length=80, blank=True)
    contact_email = models.EmailField(_("at which address"), blank=True)
    consent_at = models.DateTimeField(_("agreed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("alumni record")
        verbose_name_plural = _("alumni")
        ordering = ["-left_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=AlumniOutcome.values), name="companies_alumni_outcome_known"
            ),
            # Without consent there is nobody to write to: nothing is kept just in case.
            models.CheckConstraint(
                condition=models.Q(contact_consent=True, consent_at__isnull=False)
                | models.Q(contact_consent=False, contact_name="", contact_email="", consent_at__isnull=True),
                name="companies_alumni_contact_by_consent",
            ),
            models.CheckConstraint(
                condition=models.Q(contact_consent=False) | ~models.Q(contact_email=""),
                name="companies_alumni_consent_has_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.get_outcome_display()}"
