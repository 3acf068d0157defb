from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DayState(TextChoices):
    DRAFT = "draft", _("Being planned")
    RANKING = "ranking", _("Wishes are collected")
    ARRANGED = "arranged", _("Timetable drawn up")
    PUBLISHED = "published", pgettext_lazy("timetable", "Published")
    OVER = "over", pgettext_lazy("mentor day", "Over")
    CALLED_OFF = "called_off", _("Called off")


class Side(TextChoices):
    COMPANY = "company", _("Company")
    ADVISER = "adviser", _("Adviser")


class ArrangementState(TextChoices):
    DRAFT = "draft", pgettext_lazy("timetable", "Draft")
    PUBLISHED = "published", pgettext_lazy("timetable", "Published")
    REPLACED = "replaced", pgettext_lazy("timetable", "Replaced")


class Why(TextChoices):
    """Why a wish has no meeting."""

    NEVER_TOGETHER = "never_together", _("No slot in which both are there")
    COMPANY_FULL = "company_full", _("The company has as many meetings as it can have")
    OUTBID = "outbid", _("The adviser's places went to meetings that are wished for more")
    SHARE_OF_ANOTHER = "share_of_another", _("The adviser's places went to companies that would have too few")
    NO_COMMON_TIME_LEFT = "no_common_time_left", _("Both have time left, but never at once")
    NO_TABLE = "no_table", _("No table is free when both have time")
    NOT_FOUND = "not_found", _("Not found: the search ended before it had tried everything")


class WhyCancelled(TextChoices):
    CANCELLED = "cancelled", _("It was cancelled")
    NEVER_TOGETHER = "never_together", _("No slot to come has both")
    NO_ROOM_LEFT = "no_room_left", _("No place was left beside the other meetings")


class Gone(TextChoices):
    """What drops out on the day."""

    ADVISER = "adviser", _("An adviser")
    COMPANY = "company", _("A company")
    TABLE = "table", _("A table")
    MEETING = "meeting", _("One meeting")
