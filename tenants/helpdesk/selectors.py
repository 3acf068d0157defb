"""What a person may see of requests. Every list starts at a `*_for(user)`."""

from datetime import date
from typing import Any

from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from incubator.accounts.models import User

from .enums import CAMPS_TURN, OPEN_STATES, RequestState
from .models import Category, HelpRequest, RequestEvent, RequestPhoto

QUEUE_ORDER = ["turn", "due_on", "pk"]


def categories_for(user: Any) -> QuerySet[Category]:
    """Staff and founders see all categories, others none."""
    if acting_of(user).kind in (Kind.STAFF, Kind.FOUNDER):
        return Category.objects.all()
    return Category.objects.none()


def requests_for(user: Any) -> QuerySet[HelpRequest]:
    """Staff see all requests, founders those of their company, others none."""
    acting = acting_of(user)
    found = HelpRequest.objects.select_related("company", "category")
    if acting.kind == Kind.STAFF:
        return found
    return found.filter(company_id__in=acting.company_ids)


def events_for(user: Any) -> QuerySet[RequestEvent]:
    """Staff see every line of a history, founders the lines of their company's requests that are not internal."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return RequestEvent.objects.all()
    return RequestEvent.objects.filter(request__company_id__in=acting.company_ids, internal=False)


def photos_for(user: Any) -> QuerySet[RequestPhoto]:
    """The photographs of the lines that the person sees."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return RequestPhoto.objects.all()
    return RequestPhoto.objects.filter(
        event__request__company_id__in=acting.company_ids, event__internal=False
    )


def history_of(user: Any, asked: HelpRequest) -> list[RequestEvent]:
    """The lines that the person may see, the first on top, each with its photographs; two queries."""
    photos = Prefetch("photos", photos_for(user).order_by("pk"))
    return list(events_for(user).filter(request=asked).prefetch_related(photos).order_by("at", "pk"))


def in_queue_order(requests: QuerySet[HelpRequest]) -> QuerySet[HelpRequest]:
    """What is the camp's turn first, then what waits for others, then what is over; in each what is due first."""
    turn = Case(
        When(state__in=CAMPS_TURN, then=Value(0)),
        When(state__in=[RequestState.WAITING, RequestState.SOLVED], then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return requests.annotate(turn=turn).order_by(*QUEUE_ORDER)


def overdue(requests: QuerySet[HelpRequest], today: date) -> QuerySet[HelpRequest]:
    return requests.filter(state__in=OPEN_STATES, due_on__lt=today)


def open_counts(requests: QuerySet[HelpRequest], today: date) -> dict[str, int]:
    """How many are open, and how many of these are overdue."""
    return requests.order_by().aggregate(
        open=Count("pk", filter=Q(state__in=OPEN_STATES)),
        overdue=Count("pk", filter=Q(state__in=OPEN_STATES, due_on__lt=today)),
    )


def handlers() -> QuerySet[User]:
    """The people of the camp office who can be in charge of a request. For staff."""
    from .rules import HANDLERS

    groups = [*HANDLERS, "director"]
    return (
        User.objects.filter(is_active=True, staff_memberships__group__in=groups)
        .distinct()
        .order_by("name", "pk")
    )
