from typing import Any

from rest_framework import serializers

from tenants.programmes.models import Meeting, Programme, SignUp


class MeetingSerializer(serializers.ModelSerializer):
    """Without the online address, which the pages show to who has a seat."""

    starts: Any = serializers.DateTimeField(read_only=True)
    ends: Any = serializers.DateTimeField(read_only=True)
    where: Any = serializers.CharField(read_only=True)

    class Meta:
        model = Meeting
        fields = ["id", "starts", "ends", "subject", "place", "where", "is_off"]


class ProgrammeSerializer(serializers.ModelSerializer):
    """`seats_left` counts seats, `waiting` the people on the waiting list."""

    teacher: Any = serializers.CharField(read_only=True)
    seats_left: Any = serializers.IntegerField(read_only=True)
    meetings: Any = MeetingSerializer(many=True, read_only=True)

    class Meta:
        model = Programme
        fields = [
            "id",
            "title",
            "title_en",
            "description",
            "description_en",
            "kind",
            "teacher",
            "topic",
            "language",
            "seats",
            "seats_left",
            "waiting",
            "opens_at",
            "closes_at",
            "attendance_needed",
            "state",
            "meetings",
        ]


class SignUpSerializer(serializers.ModelSerializer):
    class Meta:
        model = SignUp
        fields = [
            "id",
            "programme",
            "company",
            "person",
            "state",
            "joined_at",
            "moved_up_at",
            "left_at",
            "left_reason",
        ]


class NewSignUpSerializer(serializers.Serializer):
    """`person` is the caller unless told; with `wait` a place on the waiting list will do."""

    programme = serializers.IntegerField(min_value=1, max_value=9_000_000_000_000_000_000)
    person = serializers.IntegerField(
        min_value=1, max_value=9_000_000_000_000_000_000, required=False, allow_null=True
    )
    wait = serializers.BooleanField(default=False)


class LeaveSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=400)
