from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DayState(TextChoices):
    DRAFT = "draft", _("Being planned")
    RANKING = "ranking", _("Wishes are collected")
    PUBLISHED = "published", pgettext_lazy("timetable", "Published")
    OVER = "over", pgettext_lazy("demo day", "Over")
    CALLED_OFF = "called_off", _("Called off")


class Side(TextChoices):
    COMPANY = "company", _("Company")
    FIRM = "firm", _("Firm")


class PlanState(TextChoices):
    DRAFT = "draft", pgettext_lazy("timetable", "Draft")
    PUBLISHED = "published", pgettext_lazy("timetable", "Published")
    REPLACED = "replaced", pgettext_lazy("timetable", "Replaced")


class MeetingState(TextChoices):
    PLANNED = "planned", pgettext_lazy("meeting", "Planned")
    ARRIVED = "arrived", _("Both are there")
    RUNNING = "running", pgettext_lazy("meeting", "Running")
    OVER = "over", pgettext_lazy("meeting", "Over")
    NO_SHOW_COMPANY = "no_show_company", _("The company did not come")
    NO_SHOW_FIRM = "no_show_firm", _("The firm did not come")
    CANCELLED = "cancelled", pgettext_lazy("meeting", "Cancelled")


NO_SHOWS = (MeetingState.NO_SHOW_COMPANY, MeetingState.NO_SHOW_FIRM)


class Called(TextChoices):
    """Whom the loudspeaker and the board ask to come to the table."""

    COMPANY = "company", _("Company")
    FIRM = "firm", _("Firm")
    BOTH = "both", _("Both")


class VerdictValue(TextChoices):
    CONTINUE = "continue", _("Continue")
    MAYBE = "maybe", _("Maybe")
    PASS = "pass", pgettext_lazy("verdict", "Pass")


class PassReason(TextChoices):
    EARLY = "early", _("Too early")
    FIELD = "field", _("Another field")
    AMOUNT = "amount", _("Amount does not fit")
    MARKET = "market", _("Market or competition")
    TEAM = "team", _("Team")
    TIMING = "timing", _("Not now")
    OTHER = "other", _("Something else")


class WhyUnmet(TextChoices):
    """Why a wish has no meeting."""

    NEVER_TOGETHER = "never_together", _("No slot in which both are there")
    COMPANY_FULL = "company_full", _("The company has as many meetings as it can have")
    OUTBID = "outbid", _("The firm's places went to meetings that are wished for more")
    SHARE_OF_ANOTHER = "share_of_another", _("The firm's places went to companies that would have too few")
    NO_COMMON_TIME_LEFT = "no_common_time_left", _("Both have time left, but never at once")
    NO_TABLE = "no_table", _("No table is free when both have time")
    NOT_FOUND = "not_found", _("Not found: the search ended before it had tried everything")


class WhyCancelled(TextChoices):
    CANCELLED = "cancelled", _("It was cancelled")
    NEVER_TOGETHER = "never_together", _("No slot to come has both")
    NO_ROOM_LEFT = "no_room_left", _("No place was left beside the other meetings")


class Upset(TextChoices):
    """What happens on the day."""

    LATE = "late", _("Comes late")
    NO_SHOW = "no_show", _("Has not come (until when?)")
    GONE = "gone", _("Is gone for the rest of the day")
    BACK = "back", _("Is there again")


class Bar(TextChoices):
    """Why a pair never meets at a demo day."""

    ALREADY_INVESTED = "already_invested", _("The firm holds shares in this company")
    HOLDS_RIVAL = "holds_rival", _("The firm holds shares in a confirmed rival")
    ADVISER_IS_MEMBER = "adviser_is_member", _("An adviser of the company belongs to the firm")
    DECLINED = "declined", _("The company declined an introduction to the firm")
    PASSED = "passed", _("The firm passed after an introduction")
    VETO = "veto", _("One side asked not to meet the other")
    UNCHECKED = "unchecked", _("Nobody could check it for conflicts of interest")
    CONFLICT = "conflict", _("Conflict of interest")
