from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tenants.consulting.enums import AdviceField, Language, Side
from tenants.consulting.models import (
    REASON_LIMIT,
    TEXT_LIMIT,
    Adviser,
    Booking,
    NextStep,
    ReportFile,
    SessionReport,
    Slot,
)
from tenants.consulting.policy import MOST_STEPS
from tenants.consulting.times import PARTS, key_parts


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
            "place",
            "seats",
            "state",
            "taken",
        )
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer):
    """What was agreed to be done. `report` is the id of the session; `owner` is company, adviser or office."""

    adviser_name = serializers.CharField(source="adviser.name", read_only=True)

    class Meta:
        model = NextStep
        fields = (
            "id",
            "report",
            "company",
            "adviser",
            "adviser_name",
            "text",
            "owner",
            "due_on",
            "state",
            "closed_at",
            "reason",
            "agreed_at",
        )
        read_only_fields = fields


class ReportFileSerializer(serializers.ModelSerializer):
    class Meta:
        model = ReportFile
        fields = ("id", "name", "content_type", "size")
        read_only_fields = fields


class ReportSerializer(serializers.ModelSerializer):
    """What was advised in a session; its id is the session's. `differs_from` is a report that it contradicts."""

    id = serializers.IntegerField(source="booking_id", read_only=True)
    adviser_name = serializers.CharField(source="adviser.name", read_only=True)
    steps = StepSerializer(many=True, read_only=True)
    files = ReportFileSerializer(many=True, read_only=True)

    class Meta:
        model = SessionReport
        fields = (
            "id",
            "company",
            "adviser",
            "adviser_name",
            "session_on",
            "field",
            "advice",
            "differs_from",
            "written_at",
            "corrected_at",
            "steps",
            "files",
        )
        read_only_fields = fields


class NewStepSerializer(serializers.Serializer):
    """A step to agree on, or one that is open (`step`) to correct."""

    step = serializers.IntegerField(required=False, default=None, min_value=1, max_value=2**63 - 1)
    text = serializers.CharField(max_length=TEXT_LIMIT)
    owner = serializers.ChoiceField(Side.choices)
    due_on = serializers.DateField()


class WriteReportSerializer(serializers.Serializer):
    """A session's report, or its correction. `note` is read by the managers of consulting alone."""

    booking = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    field = serializers.ChoiceField(AdviceField.choices)
    advice = serializers.CharField(max_length=TEXT_LIMIT)
    steps = NewStepSerializer(many=True, required=False, default=list, max_length=MOST_STEPS)  # type: ignore[call-arg]
    note = serializers.CharField(max_length=TEXT_LIMIT, required=False, allow_blank=True, default=None)
    differs_from = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1
    )


class BookingSerializer(serializers.ModelSerializer):
    """A session of a company: when, with whom, about what, and what became of it."""

    starts = serializers.DateTimeField(read_only=True)
    ends = serializers.DateTimeField(read_only=True)
    adviser_name = serializers.CharField(source="adviser.name", read_only=True)
    attendee_name = serializers.CharField(source="attendee.name", read_only=True)
    online_url = serializers.CharField(source="slot.online_url", read_only=True)
    attendees = serializers.SerializerMethodField()
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
            "attendees",
            "starts",
            "ends",
            "online_url",
            "topic",
            "state",
            "booked_at",
            "cancelled_at",
            "cancelled_side",
            "cancel_reason",
            "ended_as",
            "late",
            "expires_at",
            "moved_from",
            "attendance",
            "report",
        )
        read_only_fields = fields

    def get_attendees(self, booking: Booking) -> list[int]:
        return [each.person_id for each in booking.attendees.all()]

    def get_attendance(self, booking: Booking) -> dict[str, bool] | None:
        kept = getattr(booking, "attendance", None)
        return kept and {"adviser_came": kept.adviser_came, "company_came": kept.company_came}

    def get_report(self, booking: Booking) -> dict[str, Any] | None:
        report = getattr(booking, "report", None)
        names = ("field", "advice", "written_at", "corrected_at")
        if report is None:
            return None
        steps = StepSerializer(report.steps.all(), many=True).data
        return {**{name: getattr(report, name) for name in names}, "steps": steps}


@extend_schema_field(int)
class IdField(serializers.IntegerField):
    """The id of something that the caller may see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class TimeField(serializers.Field):
    """What a time is booked by: the id of a slot, or the `key` of a time that is computed from weekly hours."""

    default_error_messages = {"invalid": _("Give the id of a slot, or the key of a free time.")}

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("invalid")
        text = str(data)
        if text.isascii() and text.isdigit() and 0 < int(text[:19]) < 2**63 and len(text) < 20:
            return int(text)
        if key_parts(text) is None:
            self.fail("invalid")
        return text

    def to_representation(self, value: Any) -> Any:
        return value


class FreeTimeSerializer(serializers.Serializer):
    """A time that can be booked now. `key` is what POST bookings takes as `slot`; `slot` its row, where it has one."""

    key = serializers.CharField()
    slot = serializers.IntegerField(source="slot_id", allow_null=True)
    adviser = serializers.IntegerField(source="adviser.pk")
    adviser_name = serializers.CharField(source="adviser.name")
    starts = serializers.DateTimeField()
    ends = serializers.DateTimeField()
    minutes = serializers.IntegerField()
    place = serializers.CharField()
    room = serializers.IntegerField(source="room_id", allow_null=True)
    seats = serializers.IntegerField()


class FreeQuerySerializer(serializers.Serializer):
    """What is asked for. `from` and `to` are days, both counted, at most 92 of them; 100 times at most are answered."""

    field = serializers.ChoiceField(AdviceField.choices, required=False, default="")
    adviser = IdField(required=False, default=None)
    language = serializers.ChoiceField(Language.choices, required=False, default="")
    part = serializers.ChoiceField(list(PARTS), required=False, default="")

    def get_fields(self) -> dict[str, Any]:
        days = {name: serializers.DateField(required=False, default=None) for name in ("from", "to")}
        return {**super().get_fields(), **days}


class BookSerializer(serializers.Serializer):
    """What a booking takes. `slot` is a slot's id or a free time's key. `attendee` is a member of the company (the caller where
    it is left out), `attendees` are others who come along; `company` is for the camp office, which books for others."""

    slot = TimeField()
    attendee = IdField(required=False)
    attendees = serializers.ListField(child=IdField(), required=False, max_length=10)
    company = IdField(required=False)
    topic = serializers.CharField(max_length=TEXT_LIMIT)


class CancelSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=REASON_LIMIT)


class MoveSerializer(CancelSerializer):
    """`slot` is the id of a slot or the key of a free time of the same adviser."""

    slot = TimeField()
