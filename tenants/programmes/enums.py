from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ProgrammeKind(TextChoices):
    SERIES = "series", _("Series of classes")
    GROUP = "group", _("Group consulting")


class ProgrammeState(TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Sign-up")
    RUNNING = "running", pgettext_lazy("class", "Running")
    OVER = "over", pgettext_lazy("class", "Completed")
    OFF = "off", _("Called off")


class SignUpState(TextChoices):
    SIGNED = "signed", _("Signed up")
    WAITING = "waiting", _("On the waiting list")
    LEFT = "left", pgettext_lazy("class", "Left")


LIVE_SIGN_UPS = (SignUpState.SIGNED, SignUpState.WAITING)


class Presence(TextChoices):
    """What became of a person at a meeting. Who was late was there; an excused meeting does not count for the certificate."""

    PRESENT = "present", _("Present")
    LATE = "late", _("Late")
    EXCUSED = "excused", _("Excused")
    ABSENT = "absent", _("Absent")
