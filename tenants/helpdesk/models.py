from datetime import date
from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company

from .enums import STEPS, ClosedBy, EventKind, RequestState, Urgency

TEXT = 4000


@pghistory.track()
class Category(TimestampedModel):
    """What requests are about, how long they may take, and who gets them first."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name, Korean"), max_length=80)
    name_en = models.CharField(_("name, English"), max_length=80)
    working_days = models.PositiveSmallIntegerField(
        _("working days to solve it"), default=5, validators=[MinValueValidator(1), MaxValueValidator(250)]
    )
    silence_days = models.PositiveSmallIntegerField(
        _("days until a solved one closes by itself"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("goes first to"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("can be chosen"), default=True)

    class Meta:
        verbose_name = _("category of requests")
        verbose_name_plural = _("categories of requests")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(working_days__gt=0, silence_days__gt=0), name="helpdesk_category_days"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name_en if get_language() == "en" else self.name


@pghistory.track()
class HelpRequest(TimestampedModel):
    """A problem or a wish of a company, until the company itself says that it is solved.

    `key` makes the same report, sent twice, one request. `place` is the company's own space in words, as it was then.
    """

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="help_requests", verbose_name=_("company")
    )
    key = models.CharField(max_length=64, editable=False)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="requests", verbose_name=_("category")
    )
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("what happened"), max_length=TEXT, validators=[MaxLengthValidator(TEXT)])
    place = models.CharField(_("place"), max_length=120, blank=True)
    urgency = models.CharField(_("urgency"), max_length=6, choices=Urgency.choices, default=Urgency.NORMAL)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("reported by")
    )
    asked_at = models.DateTimeField(_("reported"))
    state = models.CharField(
        _("state"), max_length=15, choices=RequestState.choices, default=RequestState.RECEIVED
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("in charge"),
    )
    due_on = models.DateField(_("due"))
    answered_at = models.DateTimeField(_("first answered"), null=True, blank=True)
    solved_at = models.DateTimeField(_("solved"), null=True, blank=True)
    closes_on = models.DateField(_("closes by itself after"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.CharField(_("why closed"), max_length=9, choices=ClosedBy.choices, blank=True)
    reopened = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction, 1 to 5"), null=True, blank=True)

    class Meta:
        verbose_name = _("request of a company")
        verbose_name_plural = _("requests of companies")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="helpdesk_request_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=RequestState.values), name="helpdesk_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(urgency__in=Urgency.values), name="helpdesk_urgency_known"
            ),
            models.CheckConstraint(
                condition=models.Q(title__regex=r"\S", text__regex=r"\S"), name="helpdesk_request_says_what"
            ),
            models.CheckConstraint(
                condition=models.Q(state="closed", closed_at__isnull=False, closed_by__in=ClosedBy.values)
                | models.Q(state="declined", closed_at__isnull=False, closed_by="")
                | (
                    ~models.Q(state__in=["closed", "declined"])
                    & models.Q(closed_at__isnull=True, closed_by="")
                ),
                name="helpdesk_closed_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="solved")
                | models.Q(solved_at__isnull=False, closes_on__isnull=False),
                name="helpdesk_solved_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(satisfaction__isnull=True)
                | models.Q(satisfaction__gte=1, satisfaction__lte=5, state="closed"),
                name="helpdesk_satisfaction_range",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=models.Q(state__in=["received", "in_progress", "waiting_company", "reopened"]),
                name="helpdesk_request_open",
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="request_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="asked_stays",
                fields=["company", "key", "title", "text", "place", "asked_by", "asked_at"],
            ),
            pgtrigger.FSM(
                name="known_steps",
                field="state",
                transitions=list(STEPS),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in ("received", "in_progress", "waiting_company", "reopened")

    @property
    def is_live(self) -> bool:
        return self.is_open or self.state == RequestState.SOLVED

    def is_overdue(self, today: date) -> bool:
        return self.is_open and self.due_on < today


class RequestEvent(models.Model):
    """One line of a request's history. Founders never get to see an `internal` one, in whatever way they ask."""

    request = models.ForeignKey(HelpRequest, models.PROTECT, related_name="lines", verbose_name=_("request"))
    kind = models.CharField(_("kind"), max_length=8, choices=EventKind.choices)
    internal = models.BooleanField(_("internal"), default=False)
    text = models.TextField(_("text"), max_length=TEXT, blank=True, validators=[MaxLengthValidator(TEXT)])
    from_state = models.CharField(_("state before"), max_length=15, choices=RequestState.choices, blank=True)
    to_state = models.CharField(_("state after"), max_length=15, choices=RequestState.choices, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("in charge"),
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    by_camp = models.BooleanField(_("by the camp office"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    actor_name = models.CharField(_("name"), max_length=80, blank=True)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("line of a request's history")
        verbose_name_plural = _("history of requests")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=EventKind.values), name="helpdesk_event_kind_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="note") | models.Q(internal=True), name="helpdesk_note_is_internal"
            ),
            models.CheckConstraint(
                condition=~models.Q(internal=True) | models.Q(by_camp=True),
                name="helpdesk_internal_is_the_camps",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["comment", "note"]) | models.Q(text__regex=r"\S"),
                name="helpdesk_message_says_something",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class RequestPhoto(models.Model):
    """A photograph that came with a line of the history. Whoever sees the line sees it."""

    event = models.ForeignKey(
        RequestEvent, models.PROTECT, related_name="photos", verbose_name=_("line of the history")
    )
    image = models.FileField(_("photograph"), upload_to="requests/")

    class Meta:
        verbose_name = _("photograph")
        verbose_name_plural = _("photographs")
        ordering = ["pk"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
