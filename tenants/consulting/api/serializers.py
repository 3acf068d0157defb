from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tenants.consulting.models import REASON_LIMIT, TEXT_LIMIT, Adviser, Booking, Slot


class AdviserSerializer(serializers.ModelSerializer):
    """An adviser as companies see them."""

    class Meta:
        model = Adviser
        fields: tuple[str, ...] = (
            "id",
            "name",
            "affiliation",
            "fields",
            "languages",
            "weekly_hours",
            "active",
        )


class FullAdviserSerializer(AdviserSerializer):
    """An adviser as the camp office sees them."""

    class Meta(AdviserSerializer.Meta):
        fields = (*AdviserSerializer.Meta.fields, "email", "firm")


class SlotSerializer(serializers.ModelSerializer):
    """A time on offer. `starts` and `ends` are moments, the end not included; `adviser` and `room` are ids."""

    starts = serializers.DateTimeField(read_only=True)
    ends = serializers.DateTimeField(read_only=True)
    adviser_name = serializers.CharField(source="adviser.name", read_only=True)
    room_name = serializers.CharField(source="room.name", default="", read_only=True)

    class Meta:
        model = Slot
        fields = (
            "id",
            "adviser",
            "adviser_name",
            "starts",
            "ends",
            "minutes",
            "room",
            "room_name",
            "state",
            "taken",
        )
        read_only_fields = fields


class BookingSerializer(serializers.ModelSerializer):
    """A session of a company: when, with whom, about what, and what became of it."""

    starts = serializers.DateTimeField(read_only=True)
    ends = serializers.DateTimeField(read_only=True)
    adviser_name = serializers.CharField(source="adviser.name", read_only=True)
    attendee_name = serializers.CharField(source="attendee.name", read_only=True)
    online_url = serializers.CharField(source="slot.online_url", read_only=True)
    attendance = serializers.SerializerMethodField()
    report = serializers.SerializerMethodField()

    class Meta:
        model = Booking
        fields = (
            "id",
            "slot",
            "adviser",
            "adviser_name",
            "company",
            "attendee",
            "attendee_name",
            "starts",
            "ends",
            "online_url",
            "topic",
            "state",
            "booked_at",
            "cancelled_at",
            "cancelled_side",
            "cancel_reason",
            "attendance",
            "report",
        )
        read_only_fields = fields

    def get_attendance(self, booking: Booking) -> dict[str, bool] | None:
        kept = getattr(booking, "attendance", None)
        return kept and {"adviser_came": kept.adviser_came, "company_came": kept.company_came}

    def get_report(self, booking: Booking) -> dict[str, Any] | None:
        report = getattr(booking, "report", None)
        names = ("advice", "next_step", "next_step_done", "written_at")
        return report and {name: getattr(report, name) for name in names}


@extend_schema_field(int)
class IdField(serializers.IntegerField):
    """The id of something that the caller may see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


class BookSerializer(serializers.Serializer):
    """What a booking takes. `attendee` is a member of the company (the caller where it is left out); `company` is for the
    camp office, which books for others."""

    slot = IdField()
    attendee = IdField(required=False)
    company = IdField(required=False)
    topic = serializers.CharField(max_length=TEXT_LIMIT)


class CancelSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=REASON_LIMIT)
