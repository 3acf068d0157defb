from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Affiliation(TextChoices):
    """What kind of house an adviser comes from."""

    LAW_FIRM = "law_firm", _("Law firm")
    PATENT_FIRM = "patent_firm", _("Patent firm")
    ACCOUNTING_FIRM = "accounting_firm", _("Accounting firm")
    VC = "vc", _("VC")
    AC = "ac", _("AC")
    UNIVERSITY = "university", _("University")
    CORPORATION = "corporation", _("Large company")
    PUBLIC_BODY = "public_body", _("Public body")
    OTHER = "other", _("Other affiliation")


class AdviceField(TextChoices):
    """What an adviser advises on."""

    PATENTS = "patents", _("Patents")
    GLOBAL = "global", _("Going abroad")
    FUNDRAISING = "fundraising", _("Fundraising")
    AI = "ai", _("AI technology")
    LEGAL = "legal", _("Legal matters")
    HR = "hr", _("Human resources")
    MARKETING = "marketing", _("Marketing")
    ACCOUNTING = "accounting", _("Accounting")


class Language(TextChoices):
    KOREAN = "ko", _("Korean")
    ENGLISH = "en", _("English")
    CHINESE = "zh", _("Chinese")
    JAPANESE = "ja", _("Japanese")


class Weekday(TextChoices):
    MONDAY = "1", _("Monday")
    TUESDAY = "2", _("Tuesday")
    WEDNESDAY = "3", _("Wednesday")
    THURSDAY = "4", _("Thursday")
    FRIDAY = "5", _("Friday")
    SATURDAY = "6", _("Saturday")
    SUNDAY = "7", _("Sunday")


class Place(TextChoices):
    """Where a session takes place."""

    ROOM = "room", _("In a meeting room of the camp")
    ONLINE = "online", _("Online")
    VISIT = "visit", _("A visit")


class SlotState(TextChoices):
    OPEN = "open", _("On offer")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    # A time of the weekly hours that was booked and given back: free again, and computed again.
    RELEASED = "released", _("Given back")


class Origin(TextChoices):
    HAND = "hand", _("Offered by hand")
    HOURS = "hours", _("From the weekly hours")


class ExceptionKind(TextChoices):
    CLOSED = "closed", _("Not to be booked")
    EXTRA = "extra", _("Extra hours")


class BookingState(TextChoices):
    """All but cancelled are live: they hold the slot, the attendees' time and the company's hours."""

    REQUESTED = "requested", _("Waits for the adviser")
    BOOKED = "booked", _("Booked")
    HELD = "held", _("Took place")
    MISSED = "missed", _("Did not take place")
    CANCELLED = "cancelled", _("Cancelled")


class Ending(TextChoices):
    """What a cancelled booking ended as."""

    CANCELLED = "cancelled", _("Cancelled")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Not answered in time")
    MOVED = "moved", _("Moved to another time")


class ProposalState(TextChoices):
    OPEN = "open", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    OVER = "over", _("Not answered in time")


class WaitingState(TextChoices):
    WAITING = "waiting", _("Waiting")
    OFFERED = "offered", _("A time is offered")
    BOOKED = "booked", _("Booked")
    LEFT = "left", _("Left the list")
    OVER = "over", _("The week is over")


class OfferState(TextChoices):
    OPEN = "open", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    PASSED = "passed", _("Declined")
    EXPIRED = "expired", _("Not answered in time")
    TAKEN_BACK = "back", _("Taken back")


class ReminderKind(TextChoices):
    DAY = "day", _("A day before")
    HOUR = "hour", _("An hour before")
    # Of a report that is not written yet: how many days after the session.
    REPORT_1 = "rep1", _("Report missing, after a day")
    REPORT_3 = "rep3", _("Report missing, after three days")
    REPORT_7 = "rep7", _("Report missing, after a week")


class Side(TextChoices):
    COMPANY = "company", _("Company")
    ADVISER = "adviser", _("Adviser")
    OFFICE = "office", _("Camp office")


class RateUnit(TextChoices):
    HOUR = "hour", _("an hour")
    SESSION = "session", _("a session")


class PayeeKind(TextChoices):
    """As what an honorarium is income of its payee: tells what is withheld."""

    OTHER = "other", _("Other income (기타소득)")
    BUSINESS = "business", _("Business income (사업소득)")
    CORPORATION = "corporation", _("Corporation (tax invoice)")


class StepState(TextChoices):
    """What became of a next step. A dropped one says why."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")
