from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CallState(TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Published")
    SCREENING = "screening", _("Screening")
    REVIEW = "review", _("In review")
    DECIDED = "decided", _("Decided")
    CLOSED = "closed", _("Closed")


# What a call may become next. One step back is for mistakes; a decided call is decided.
NEXT_STATES: dict[str, tuple[str, ...]] = {
    CallState.DRAFT: (CallState.OPEN,),
    CallState.OPEN: (CallState.SCREENING,),
    CallState.SCREENING: (CallState.REVIEW, CallState.OPEN),
    CallState.REVIEW: (CallState.DECIDED, CallState.SCREENING),
    CallState.DECIDED: (CallState.CLOSED,),
    CallState.CLOSED: (),
}
# From here on reviewers may know whom they reviewed.
UNVEILED_STATES = (CallState.DECIDED, CallState.CLOSED)


class QuestionKind(TextChoices):
    SHORT = "short", _("Short text")
    LONG = "long", _("Long text")
    NUMBER = "number", _("Number")
    WON = "won", _("Amount in won")
    DATE = "date", _("Date")
    CHOICE = "choice", _("One of several")
    MULTIPLE = "multiple", _("Any of several")
    FILE = "file", _("File")
    YES_NO = "yes_no", _("Yes or no")


class ApplicationState(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    ELIGIBLE = "eligible", _("Eligible")
    INELIGIBLE = "ineligible", _("Not eligible")
    ACCEPTED = "accepted", _("Accepted")
    WAITING = "waiting", _("On the waiting list")
    REJECTED = "rejected", _("Not selected")
    DECLINED = "declined", _("Place declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# The applicant may still take these back; everything later is decided.
WITHDRAWABLE_STATES = (
    ApplicationState.DRAFT,
    ApplicationState.SUBMITTED,
    ApplicationState.ELIGIBLE,
    ApplicationState.WAITING,
)
# Where a decision may begin.
DECIDABLE_STATES = (ApplicationState.ELIGIBLE, ApplicationState.WAITING)


class ReviewState(TextChoices):
    ASSIGNED = "assigned", _("Assigned")
    SUBMITTED = "submitted", _("Scored")
    CONFLICT = "conflict", _("Conflict of interest")


class ConflictKind(TextChoices):
    EMAIL = "email", _("Same e-mail address")
    DOMAIN = "domain", _("Same e-mail domain")
    MEMBER = "member", _("Member of the company")
    DECLARED = "declared", _("Declared by the reviewer")


class LetterKind(TextChoices):
    RECEIPT = "receipt", _("Receipt")
    DOCUMENTS = "documents", _("More documents asked")
    INELIGIBLE = "ineligible", _("Not eligible")
    ACCEPTED = "accepted", _("Accepted")
    WAITING = "waiting", _("Waiting list")
    REJECTED = "rejected", _("Not selected")
    PLACE_FREE = "place_free", _("A place is free")
    TAKEN_BACK = "taken_back", _("Acceptance taken back")
