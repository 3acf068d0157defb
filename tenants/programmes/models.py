"""Series of classes and group consultings: their meetings, who signed up and came, what was handed out and certified."""

from datetime import datetime
from typing import Any, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from tenants.companies.models import Company
from tenants.consulting.enums import AdviceField, Language, Place
from tenants.consulting.models import Adviser, MeetingRoom, TimeHold
from tenants.papers.models import Paper

from .enums import Presence, ProgrammeKind, ProgrammeState, SignUpState

MOST_SEATS = 500
TEXT_LIMIT = 4000
REASON_LIMIT = 400


def bounded(name: str) -> models.CheckConstraint:
    """A period with two ends and something between them."""
    condition = Q(period__isempty=False, period__startswith__isnull=False, period__endswith__isnull=False)
    return models.CheckConstraint(condition=condition, name=name)


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def with_teacher(self) -> Self:
        """With who teaches, in one query, without what founders may not read of an adviser."""
        hidden = (f"adviser__{name}" for name in Adviser.PRIVATE_FIELDS)
        return self.select_related("adviser").defer(*hidden)


@pghistory.track(exclude=["taken", "waiting"])
class Programme(TimestampedModel):
    """`taken` and `waiting` are counted by the database whenever a sign-up changes, and `taken` never passes `seats`: how
    many have signed up is for everyone to know, who is not."""

    title = models.CharField(pgettext_lazy("class", "title"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    description = models.TextField(_("description"), max_length=TEXT_LIMIT)
    description_en = models.TextField(_("description in English"), max_length=TEXT_LIMIT, blank=True)
    kind = models.CharField(
        _("kind"), max_length=6, choices=ProgrammeKind.choices, default=ProgrammeKind.SERIES
    )
    adviser = models.ForeignKey(
        Adviser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="programmes",
        verbose_name=_("teacher of ours"),
    )
    teacher_name = models.CharField(
        _("teacher from elsewhere"), max_length=120, blank=True, help_text=_("Name and affiliation.")
    )
    topic = models.CharField(pgettext_lazy("class", "topic"), max_length=16, choices=AdviceField.choices)
    language = models.CharField(
        _("language"), max_length=2, choices=Language.choices, default=Language.KOREAN
    )
    seats = models.PositiveSmallIntegerField(
        _("seats"), validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)]
    )
    opens_at = models.DateTimeField(_("sign-up from"))
    closes_at = models.DateTimeField(_("sign-up until"))
    attendance_needed = models.PositiveSmallIntegerField(
        _("attendance needed for the certificate, per cent"),
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    state = models.CharField(
        _("state"), max_length=7, choices=ProgrammeState.choices, default=ProgrammeState.DRAFT
    )
    off_at = models.DateTimeField(_("called off at"), null=True, blank=True)
    off_reason = models.CharField(_("why it was called off"), max_length=REASON_LIMIT, blank=True)
    taken = models.PositiveSmallIntegerField(_("seats taken"), default=0, editable=False)
    waiting = models.PositiveSmallIntegerField(_("waiting"), default=0, editable=False)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("class", "programme")
        verbose_name_plural = _("programmes")
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(adviser__isnull=False, teacher_name="")
                | (Q(adviser__isnull=True) & ~Q(teacher_name="")),
                name="programmes_one_teacher",
            ),
            models.CheckConstraint(
                condition=Q(taken__lte=F("seats"), seats__gte=1, seats__lte=MOST_SEATS),
                name="programmes_seats_suffice",
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")), name="programmes_window_has_length"
            ),
            models.CheckConstraint(
                condition=Q(attendance_needed__gte=1, attendance_needed__lte=100),
                name="programmes_attendance_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=ProgrammeKind.values,
                    topic__in=AdviceField.values,
                    language__in=Language.values,
                    state__in=ProgrammeState.values,
                ),
                name="programmes_codes_known",
            ),
            models.CheckConstraint(
                condition=(Q(state="off", off_at__isnull=False) & ~Q(off_reason=""))
                | (~Q(state="off") & Q(off_at__isnull=True, off_reason="")),
                name="programmes_called_off_with_reason",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.shown_title

    @property
    def shown_title(self) -> str:
        return (self.title_en if translation.get_language() == "en" else "") or self.title

    @property
    def shown_description(self) -> str:
        return (self.description_en if translation.get_language() == "en" else "") or self.description

    @property
    def teacher(self) -> str:
        return self.adviser.name if self.adviser else self.teacher_name

    @property
    def seats_left(self) -> int:
        return max(self.seats - self.taken, 0)

    @property
    def is_full(self) -> bool:
        return self.seats_left == 0

    @property
    def state_kind(self) -> str:
        return {"open": "waiting", "running": "progress", "over": "done", "off": "refused"}.get(
            self.state, "waiting"
        )


@pghistory.track()
class Meeting(TimestampedModel):
    """One date of a programme. Its teacher's and its room's time are held by `hold` as long as it is planned."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="meetings", verbose_name=pgettext_lazy("class", "programme")
    )
    period = DateTimeRangeField(_("time"))
    subject = models.CharField(pgettext_lazy("class", "subject"), max_length=120, blank=True)
    place = models.CharField(_("place"), max_length=6, choices=Place.choices, default=Place.ROOM)
    room = models.ForeignKey(
        MeetingRoom,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="programme_meetings",
        verbose_name=_("meeting room"),
    )
    address = models.CharField(_("where the visit goes"), max_length=200, blank=True)
    is_off = models.BooleanField(_("called off"), default=False)
    off_reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True)
    hold = models.OneToOneField(
        TimeHold, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    sequence = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["period", "pk"]
        constraints = [
            ExclusionConstraint(
                name="programmes_meetings_apart",
                expressions=[same("programme"), ("period", RangeOperators.OVERLAPS)],
                condition=Q(is_off=False),
            ),
            models.UniqueConstraint(fields=["id", "programme"], name="programmes_meeting_of_programme"),
            models.CheckConstraint(
                condition=Q(place="room", room__isnull=False, address="")
                | Q(place="online", room__isnull=True, address="")
                | (Q(place="visit", room__isnull=True) & ~Q(address="")),
                name="programmes_place_whole",
            ),
            models.CheckConstraint(
                condition=Q(is_off=False, off_reason="") | (Q(is_off=True) & ~Q(off_reason="")),
                name="programmes_meeting_off_with_reason",
            ),
            bounded("programmes_meeting_bounded"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        from incubator.common.display import period

        return str(period(self.period))

    @property
    def starts(self) -> datetime:
        return self.period.lower

    @property
    def ends(self) -> datetime:
        return self.period.upper

    @property
    def minutes(self) -> int:
        return round((self.period.upper - self.period.lower).total_seconds() / 60)

    @property
    def online_url(self) -> str:
        link = getattr(self, "link", None)
        return link.url if link else ""

    @property
    def where(self) -> Any:
        """The place in words, without the online address, which only who signed up may know."""
        if self.room:
            return f"{self.room.name} {self.room.place}".strip()
        return self.address or self.get_place_display()


@pghistory.track()
class MeetingLink(models.Model):
    """Where an online meeting takes place. Apart from the meeting, because only who has a seat may know."""

    meeting = models.OneToOneField(
        Meeting, models.PROTECT, primary_key=True, related_name="link", verbose_name=_("meeting")
    )
    url = models.URLField(_("online address"), max_length=400)

    class Meta:
        verbose_name = _("online address")
        verbose_name_plural = _("online addresses")

    def __str__(self) -> str:
        return self.url


@pghistory.track()
class SignUp(TimestampedModel):
    """A person of a company in a programme: with a seat, waiting for one, or gone. One who left may sign up anew."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="sign_ups", verbose_name=pgettext_lazy("class", "programme")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="programme_sign_ups", verbose_name=_("company")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="programme_sign_ups",
        verbose_name=_("participant"),
    )
    state = models.CharField(_("state"), max_length=7, choices=SignUpState.choices)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("signed up by")
    )
    joined_at = models.DateTimeField(_("signed up"))
    moved_up_at = models.DateTimeField(_("moved up"), null=True, blank=True)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    left_reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True)

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "person"],
                condition=Q(state__in=["signed", "waiting"]),
                name="programmes_signed_up_once",
            ),
            models.UniqueConstraint(fields=["id", "programme", "company"], name="programmes_sign_up_parties"),
            models.CheckConstraint(
                condition=Q(state__in=SignUpState.values), name="programmes_sign_up_state_known"
            ),
            models.CheckConstraint(
                condition=(Q(state="left", left_at__isnull=False) & ~Q(left_reason=""))
                | (~Q(state="left") & Q(left_at__isnull=True, left_reason="")),
                name="programmes_left_with_reason",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.person} · {self.company}"

    @property
    def state_kind(self) -> str:
        return {"signed": "done", "waiting": "waiting", "left": "refused"}[self.state]


@pghistory.track()
class Attendance(models.Model):
    """Who came to a meeting. Programme and company are the sign-up's and the meeting's, kept equal by foreign keys."""

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="attendances", verbose_name=_("meeting")
    )
    sign_up = models.ForeignKey(
        SignUp, models.PROTECT, related_name="attendances", verbose_name=_("participant")
    )
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", editable=False)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", editable=False)
    presence = models.CharField(_("attendance"), max_length=7, choices=Presence.choices)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        ordering = ["meeting", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "sign_up"], name="programmes_attendance_once"),
            models.CheckConstraint(
                condition=Q(presence__in=Presence.values), name="programmes_presence_known"
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.get_presence_display())


@pghistory.track()
class Material(models.Model):
    """A file for the participants, of one meeting or of all. `name` is what it was called, for reading only."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="materials", verbose_name=pgettext_lazy("class", "programme")
    )
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="materials", verbose_name=_("meeting")
    )
    file = models.FileField(_("file"), upload_to="programmes/")
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"))
    removed_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ["pk"]
        triggers = [
            pgtrigger.ReadOnly(name="as_added", exclude=["removed_at"]),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name


class Certificate(models.Model):
    """That a participant completed a programme: one paper, numbered within the year, issued once."""

    sign_up = models.OneToOneField(
        SignUp, models.PROTECT, primary_key=True, related_name="certificate", verbose_name=_("participant")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name=_("company"), editable=False
    )
    paper = models.OneToOneField(Paper, models.PROTECT, related_name="+", verbose_name=_("paper"))
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="programmes_numbered_once"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.shown_number

    @property
    def shown_number(self) -> str:
        return f"{self.year}-{self.number:04d}"
