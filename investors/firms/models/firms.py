from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.enums import Region, Sector, Stage
from incubator.common.models import TimestampedModel
from investors.firms.enums import FirmKind, FirmMemberLevel, ProposalState, RoundRole


@pghistory.track()
class Firm(TimestampedModel):
    """An investor: accelerator, venture capital, corporation or angel. The database refuses founders its PRIVATE_FIELDS."""

    PRIVATE_FIELDS: ClassVar = ("contact_name", "email", "active", "created_at", "updated_at")

    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=5, choices=FirmKind.choices)
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
    """What a firm looks for, and how many introductions it takes. One for each firm; its history is kept.

    `keywords` are technologies as the firm writes them; the list of tags says what they mean. A capacity of 0 takes
    nobody.
    """

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
    role = models.CharField(
        _("in a round"), max_length=6, choices=RoundRole.choices, default=RoundRole.EITHER
    )
    keywords = ArrayField(
        models.CharField(max_length=60), verbose_name=_("technologies"), default=list, blank=True
    )
    thesis = models.TextField(
        _("in its own words"), max_length=2000, blank=True, validators=[MaxLengthValidator(2000)]
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
            models.CheckConstraint(condition=models.Q(role__in=RoundRole.values), name="firms_role_known"),
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
    keywords = ArrayField(
        models.CharField(max_length=60), verbose_name=_("technologies"), default=list, blank=True
    )
    founded_on = models.DateField(_("founded"), null=True, blank=True)
    invested_on = models.DateField(_("invested"), null=True, blank=True)
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


@pghistory.track()
class Fund(TimestampedModel):
    """Money that a firm has raised: how much, and how much of it is left to invest as of a day."""

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="funds", verbose_name=_("firm"))
    name = models.CharField(_("fund"), max_length=120)
    vintage_year = models.PositiveSmallIntegerField(
        _("vintage"), validators=[MinValueValidator(1986), MaxValueValidator(2100)]
    )
    size_krw = models.BigIntegerField(_("size, won"), validators=[MinValueValidator(1)])
    left_krw = models.BigIntegerField(
        _("left to invest, won"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    left_as_of = models.DateField(_("as of"), null=True, blank=True)

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        ordering = ["-vintage_year", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["firm", "name"], name="firms_fund_once"),
            models.CheckConstraint(condition=models.Q(size_krw__gt=0), name="firms_fund_has_size"),
            models.CheckConstraint(
                condition=models.Q(left_krw__isnull=True)
                | models.Q(left_krw__gte=0, left_krw__lte=models.F("size_krw")),
                name="firms_fund_left_within_size",
            ),
            models.CheckConstraint(
                condition=models.Q(left_krw__isnull=True, left_as_of__isnull=True)
                | models.Q(left_krw__isnull=False, left_as_of__isnull=False),
                name="firms_fund_left_as_of",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MandateProposal(models.Model):
    """A change to its mandate that a firm's contact asked for by mail: who, when, in which words, and what was decided.

    What was written stays as it is; a manager decides once.
    """

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="proposals", verbose_name=_("firm"))
    written_by = models.CharField(_("who wrote"), max_length=120)
    written_on = models.DateField(_("written"))
    text = models.TextField(_("the mail's words"), max_length=4000, validators=[MaxLengthValidator(4000)])
    state = models.CharField(
        _("state"), max_length=8, choices=ProposalState.choices, default=ProposalState.OPEN
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision = models.CharField(_("decision in words"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("proposed change")
        verbose_name_plural = _("proposed changes")
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ProposalState.values), name="firms_proposal_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at__isnull=True)
                | (~models.Q(state="open") & models.Q(decided_at__isnull=False)),
                name="firms_proposal_decided_at",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="decide_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'open' OR (OLD.text, OLD.written_by, OLD.written_on, OLD.firm_id)"
                    " IS DISTINCT FROM (NEW.text, NEW.written_by, NEW.written_on, NEW.firm_id)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.firm} · {self.written_by}"
