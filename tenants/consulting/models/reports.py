"""What was advised in a session, what follows from it, and what the adviser tells the camp office alone."""

from datetime import date
from typing import Any, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company
from tenants.consulting.enums import AdviceField, Side, StepState

from .advisers import Adviser, private_of
from .bookings import HIDDEN_FROM_ADVISERS, Booking
from .parts import REASON_LIMIT, TEXT_LIMIT


class ReportQuerySet(models.QuerySet["SessionReport"]):
    def with_adviser(self) -> Self:
        """With who wrote it, in one query."""
        return self.select_related("adviser").defer(*private_of("adviser"))

    def whole(self) -> Self:
        """With all that its readers may read of it: its steps and files besides, in three queries."""
        return self.with_adviser().prefetch_related(*WITH_REPORT)


@pghistory.track()
class SessionReport(TimestampedModel):
    """What a session was good for. `company` and `adviser` are the booking's, kept equal by a foreign key, so that the
    next adviser of the company can be let read it. `field` is empty in what was written before topics were asked for."""

    booking = models.OneToOneField(
        Booking, models.PROTECT, primary_key=True, related_name="report", verbose_name=_("booking")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="session_reports", verbose_name=_("company"), editable=False
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="session_reports", verbose_name=_("adviser"), editable=False
    )
    # The booking's day, which the next adviser may read though the booking itself is not theirs.
    session_on = models.DateField(_("session on"), editable=False)
    field = models.CharField(_("topic"), max_length=16, choices=AdviceField.choices)
    advice = models.TextField(_("advice"), max_length=TEXT_LIMIT)
    differs_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="differing",
        verbose_name=_("advises otherwise than"),
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written at"))
    corrected_at = models.DateTimeField(_("corrected at"), null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("session report")
        verbose_name_plural = _("session reports")
        ordering = ["-session_on", "-booking_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(field__in=["", *AdviceField.values]), name="consulting_report_field_known"
            ),
            models.CheckConstraint(
                condition=Q(differs_from__isnull=True) | ~Q(differs_from=models.F("booking")),
                name="consulting_report_differs_from_another",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.advice[:60]

    @property
    def field_in_words(self) -> Any:
        return self.get_field_display() if self.field else _("No topic")


class ReportFile(models.Model):
    """A file that an adviser adds to a report; the same content once. `name` is what it was called, for reading only."""

    report = models.ForeignKey(
        SessionReport, models.PROTECT, related_name="files", verbose_name=_("session report")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name=_("company"), editable=False
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="+", verbose_name=_("adviser"), editable=False
    )
    file = models.FileField(_("file"), upload_to="consulting/reports/")
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("file of a report")
        verbose_name_plural = _("files of reports")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "sha256"], name="consulting_report_file_once")
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class ReportNote(TimestampedModel):
    """What an adviser tells the camp office alone. A table of its own, so that the database keeps it from the company and
    from other advisers however a report is read."""

    report = models.OneToOneField(
        SessionReport,
        models.PROTECT,
        primary_key=True,
        related_name="note",
        verbose_name=_("session report"),
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name=_("company"), editable=False
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="+", verbose_name=_("adviser"), editable=False
    )
    text = models.TextField(_("note to the camp office"), max_length=TEXT_LIMIT, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("note to the camp office")
        verbose_name_plural = _("notes to the camp office")
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.report_id)


class StepQuerySet(models.QuerySet["NextStep"]):
    def open(self) -> Self:
        return self.filter(state=StepState.OPEN)

    def in_full(self) -> Self:
        """With the adviser who agreed it and who closed it, in one query, the most pressing first."""
        found = self.select_related("adviser", "closed_by").defer(*private_of("adviser"))
        return found.order_by(models.F("due_on").asc(nulls_last=True), "pk")

    def with_company(self) -> Self:
        """With the company, of which an adviser may read less than the company itself."""
        return self.select_related("company").defer(*(f"company__{name}" for name in HIDDEN_FROM_ADVISERS))


@pghistory.track()
class NextStep(TimestampedModel):
    """What was agreed to be done after a session, by whom and until when. It stays, done or dropped.

    `due_on` is empty in what was agreed before days were asked for.
    """

    report = models.ForeignKey(
        SessionReport, models.PROTECT, related_name="steps", verbose_name=_("session report")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="next_steps", verbose_name=_("company"), editable=False
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="next_steps", verbose_name=_("adviser"), editable=False
    )
    text = models.TextField(_("next step"), max_length=TEXT_LIMIT)
    owner = models.CharField(_("who does it"), max_length=8, choices=Side.choices)
    due_on = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=7, choices=StepState.choices, default=StepState.OPEN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    reason = models.CharField(_("why it was dropped"), max_length=REASON_LIMIT, blank=True)
    agreed_at = models.DateTimeField(_("agreed"))
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True, editable=False)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = _("next step")
        verbose_name_plural = _("next steps")
        ordering = ["due_on", "pk"]
        constraints = [
            # The same click, sent again, agrees on nothing more. Texts are too long for an index of their own.
            models.UniqueConstraint("report", "owner", MD5("text"), name="consulting_step_agreed_once"),
            models.CheckConstraint(condition=Q(owner__in=Side.values), name="consulting_step_owner_known"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, closed_by__isnull=True, reason="")
                | Q(state="done", closed_at__isnull=False, reason="")
                | (Q(state="dropped", closed_at__isnull=False) & ~Q(reason="")),
                name="consulting_step_closed_whole",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_open(self) -> bool:
        return self.state == StepState.OPEN

    def is_overdue(self, today: date) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < today

    @property
    def state_kind(self) -> str:
        return {"open": "waiting", "done": "done"}.get(self.state, "refused")


# What is read with a report, in a query each.
WITH_REPORT = (
    models.Prefetch("steps", NextStep.objects.order_by("pk").select_related("closed_by")),
    models.Prefetch("files", ReportFile.objects.order_by("pk")),
)
