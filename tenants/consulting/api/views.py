from datetime import timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.accounts.acting import acting_of
from incubator.accounts.api import ReadOfCompanies
from incubator.accounts.enums import Kind
from incubator.common.api import CampViewSet, created
from incubator.common.errors import NotAllowed
from tenants.companies import selectors as companies
from tenants.consulting import rules, selectors, services
from tenants.consulting.availability import minute_of
from tenants.consulting.errors import AttendeeNotMember, SlotUnknown
from tenants.consulting.models import Adviser, Booking, NextStep, Slot
from tenants.consulting.models.advisers import private_of
from tenants.consulting.times import (
    Time,
    Wanted,
    bookable_advisers_for,
    key_parts,
    time_for,
    times_for,
)

from .serializers import (
    AdviserSerializer,
    BookingSerializer,
    BookSerializer,
    CancelSerializer,
    FreeQuerySerializer,
    FreeTimeSerializer,
    FullAdviserSerializer,
    MoveSerializer,
    SlotSerializer,
)


def _of_report() -> list[Any]:
    """The steps of a session's report, with what their readers may read of the adviser."""
    steps = NextStep.objects.select_related("adviser").defer(*private_of("adviser")).order_by("pk")
    return [Prefetch("report__steps", steps)]


LONGEST_LOOK = timedelta(days=92)
TIMES_SHOWN = 100


class AdviserViewSet(ListModelMixin, RetrieveModelMixin, CampViewSet):
    """Advisers; for companies those who can be booked."""

    queryset = Adviser.objects.none()
    filterset_fields = ("affiliation", "active")

    def get_queryset(self) -> QuerySet[Adviser]:
        advisers = selectors.advisers_for(self.request.user)
        return advisers if self._is_staff else advisers.defer(*Adviser.PRIVATE_FIELDS)

    def get_serializer_class(self) -> type[AdviserSerializer]:
        return FullAdviserSerializer if self._is_staff else AdviserSerializer

    @property
    def _is_staff(self) -> bool:
        return acting_of(self.request.user).kind == Kind.STAFF


class SlotViewSet(ListModelMixin, RetrieveModelMixin, CampViewSet):
    """Times. For companies those that they can book now: open, free and yet to come."""

    queryset = Slot.objects.none()
    serializer_class = SlotSerializer
    filterset_fields = ("adviser", "state", "taken")

    def get_queryset(self) -> QuerySet[Slot]:
        slots = selectors.slots_for(self.request.user)
        return (slots.bookable(timezone.now()) if rules.is_founder(self.request.user) else slots).in_full()

    @extend_schema(parameters=[FreeQuerySerializer], responses=FreeTimeSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filterset_fields=())
    def free(self, request: Request) -> Response:
        """Times that can be booked now, the earliest first: those offered by hand and those computed from weekly hours."""
        query = FreeQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        first, last = asked.pop("from"), asked.pop("to")
        if first and (last is None or last > first + LONGEST_LOOK):
            last = first + LONGEST_LOOK
        times = times_for(request.user, now=timezone.now(), first=first, last=last, wanted=Wanted(**asked))
        return Response(FreeTimeSerializer(times.found[:TIMES_SHOWN], many=True).data)


class BookingViewSet(ReadOfCompanies):
    """Sessions. POST books one; POST to `cancel` gives the time back and keeps the booking."""

    queryset = Booking.objects.none()
    noted = Kind.ADVISER
    task = "consulting sessions by API"
    serializer_class = BookingSerializer
    filterset_fields = ("state", "adviser", "company")

    def get_queryset(self) -> QuerySet[Booking]:
        return (
            selectors.bookings_for(self.request.user).in_full().prefetch_related("attendees", *_of_report())
        )

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        taken = {"create": BookSerializer, "cancel": CancelSerializer, "move": MoveSerializer}
        return taken.get(self.action, BookingSerializer)

    @extend_schema(responses={201: BookingSerializer})
    def create(self, request: Request) -> Response:
        given = self._given(request)
        company_id = given.get("company") or acting_of(request.user).scope_id
        if not rules.may_book_for(request.user, company_id or 0):
            raise NotAllowed
        slot = self._time(request, given["slot"])
        company = get_object_or_404(companies.companies_for(request.user), pk=company_id)
        wanted = [given.get("attendee") or request.user.pk or 0, *given.get("attendees", ())]
        members = companies.members_for(request.user).filter(company=company, user_id__in=wanted)
        people = {member.user_id: member.user for member in members.select_related("user")}
        if not people.keys() >= set(wanted):
            raise AttendeeNotMember
        booking = services.book_slot(
            slot=slot,
            company=company,
            attendee=people[wanted[0]],
            attendees=[people[pk] for pk in wanted[1:]],
            topic=given["topic"],
            actor=request.user,
            now=timezone.now(),
        )
        return created(self._shown(booking), reverse("api:booking-detail", args=[booking.pk]))

    @extend_schema(responses=BookingSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        booking = self.get_object()
        reason = self._given(request)["reason"]
        booking = services.cancel_booking(
            booking=booking, reason=reason, actor=request.user, now=timezone.now()
        )
        return Response(self._shown(booking))

    @extend_schema(responses=BookingSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Move a session to another free time of its adviser; the answer is the session at its new time."""
        booking = self.get_object()
        given = self._given(request)
        moved = services.reschedule_booking(
            booking=booking,
            slot=self._time(request, given["slot"]),
            reason=given["reason"],
            actor=request.user,
            now=timezone.now(),
        )
        return Response(self._shown(moved))

    def _time(self, request: Request, wanted: int | str) -> Slot | Time:
        """The slot or the computed time of this id or key, if the caller may book it. Raises SlotUnknown, HoursChanged."""
        if isinstance(wanted, int):
            slot = (
                selectors.slots_for(request.user)
                .select_related("adviser")
                .defer(*private_of("adviser"))
                .filter(pk=wanted)
                .first()
            )
            if slot is None:
                raise SlotUnknown
            return slot
        time = time_for(request.user, wanted, now=timezone.now())
        if time is not None:
            return time
        parts = key_parts(wanted)
        adviser = next(
            (each for each in bookable_advisers_for(request.user) if parts and each.pk == parts[0]), None
        )
        if adviser is None or parts is None:
            raise SlotUnknown
        # The service says what has become of it: taken, past, or no longer within the adviser's hours.
        return Time(adviser, minute_of(parts[1]), parts[2], None)

    def _shown(self, booking: Booking) -> dict[str, Any]:
        return BookingSerializer(
            self.get_queryset().get(pk=booking.pk), context=self.get_serializer_context()
        ).data
