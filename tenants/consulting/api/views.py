from typing import Any

from django.db.models import QuerySet
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
from incubator.accounts.enums import Kind
from incubator.audit.services import note_access
from incubator.common.api import CampViewSet, created
from incubator.common.errors import NotAllowed
from tenants.companies import selectors as companies
from tenants.consulting import rules, selectors, services
from tenants.consulting.errors import AttendeeNotMember, SlotUnknown
from tenants.consulting.models import Adviser, Booking, Slot

from .serializers import (
    AdviserSerializer,
    BookingSerializer,
    BookSerializer,
    CancelSerializer,
    FullAdviserSerializer,
    SlotSerializer,
)


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


class BookingViewSet(ListModelMixin, RetrieveModelMixin, CampViewSet):
    """Sessions. POST books one; POST to `cancel` gives the time back and keeps the booking."""

    queryset = Booking.objects.none()
    serializer_class = BookingSerializer
    filterset_fields = ("state", "adviser", "company")

    def get_queryset(self) -> QuerySet[Booking]:
        return selectors.bookings_for(self.request.user).in_full()

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return {"create": BookSerializer, "cancel": CancelSerializer}.get(self.action, BookingSerializer)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().list(request, *args, **kwargs)
        self._note(row["company"] for row in response.data["results"])
        return response

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().retrieve(request, *args, **kwargs)
        self._note([response.data["company"]])
        return response

    def _note(self, company_ids: Any) -> None:
        if acting_of(self.request.user).kind == Kind.ADVISER:
            note_access(self.request, "company", company_ids, task="consulting sessions by API")

    @extend_schema(responses={201: BookingSerializer})
    def create(self, request: Request) -> Response:
        given = self._given(request)
        company_id = given.get("company") or acting_of(request.user).scope_id
        if not rules.may_book_for(request.user, company_id or 0):
            raise NotAllowed
        slot = selectors.slots_for(request.user).filter(pk=given["slot"]).first()
        if slot is None:
            raise SlotUnknown
        company = get_object_or_404(companies.companies_for(request.user), pk=company_id)
        attendee_id = given.get("attendee") or request.user.pk or 0
        member = companies.members_for(request.user).filter(company=company, user_id=attendee_id).first()
        if member is None:
            raise AttendeeNotMember
        booking = services.book_slot(
            slot=slot,
            company=company,
            attendee=member.user,
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

    def _given(self, request: Request) -> dict[str, Any]:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _shown(self, booking: Booking) -> dict[str, Any]:
        return BookingSerializer(
            self.get_queryset().get(pk=booking.pk), context=self.get_serializer_context()
        ).data
