from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class RequestState(TextChoices):
    RECEIVED = "received", pgettext_lazy("request", "Received")
    IN_PROGRESS = "in_progress", pgettext_lazy("request", "In progress")
    WAITING = "waiting_company", pgettext_lazy("request", "Waits for the company")
    SOLVED = "solved", pgettext_lazy("request", "Solved, to be confirmed")
    REOPENED = "reopened", pgettext_lazy("request", "Reopened")
    CLOSED = "closed", pgettext_lazy("request", "Closed")
    DECLINED = "declined", pgettext_lazy("request", "Declined")


OPEN_STATES = (
    RequestState.RECEIVED,
    RequestState.IN_PROGRESS,
    RequestState.WAITING,
    RequestState.REOPENED,
)
"""The camp has something to do, or waits for the company to do it."""

CAMPS_TURN = (RequestState.RECEIVED, RequestState.IN_PROGRESS, RequestState.REOPENED)
LIVE_STATES = (*OPEN_STATES, RequestState.SOLVED)
ENDED_STATES = (RequestState.CLOSED, RequestState.DECLINED)

STEPS: tuple[tuple[str, str], ...] = (
    ("received", "in_progress"),
    ("received", "waiting_company"),
    ("received", "solved"),
    ("received", "declined"),
    ("received", "closed"),
    ("in_progress", "waiting_company"),
    ("in_progress", "solved"),
    ("in_progress", "declined"),
    ("in_progress", "closed"),
    ("waiting_company", "in_progress"),
    ("waiting_company", "solved"),
    ("waiting_company", "declined"),
    ("waiting_company", "closed"),
    ("solved", "closed"),
    ("solved", "reopened"),
    ("reopened", "in_progress"),
    ("reopened", "waiting_company"),
    ("reopened", "solved"),
    ("reopened", "declined"),
    ("reopened", "closed"),
)
"""Every step there is. What is closed or declined stays so."""


class Urgency(TextChoices):
    LOW = "low", pgettext_lazy("urgency", "Can wait")
    NORMAL = "normal", pgettext_lazy("urgency", "Normal")
    HIGH = "high", pgettext_lazy("urgency", "Work is impeded")


class EventKind(TextChoices):
    OPENED = "opened", pgettext_lazy("request", "Reported")
    COMMENT = "comment", pgettext_lazy("request", "Message")
    NOTE = "note", pgettext_lazy("request", "Internal note")
    STATE = "state", pgettext_lazy("request", "Step")
    ASSIGNED = "assigned", pgettext_lazy("request", "Assigned")
    DUE = "due", pgettext_lazy("request", "New due day")


class ClosedBy(TextChoices):
    COMPANY = "company", pgettext_lazy("closed by", "The company said it is solved")
    WITHDRAWN = "withdrawn", pgettext_lazy("closed by", "The company took it back")
    SILENCE = "silence", pgettext_lazy("closed by", "No answer in time")
    CAMP = "camp", pgettext_lazy("closed by", "The camp office")
