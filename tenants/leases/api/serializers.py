from typing import Any

from django.utils import timezone
from rest_framework import serializers

from tenants.companies.models import Company
from tenants.leases.models import ExtensionRequest, Lease, Space


class PositionSerializer(serializers.Serializer):
    """The upper left cell of a space, and how many cells it is wide and deep."""

    x = serializers.IntegerField()
    y = serializers.IntegerField()
    w = serializers.IntegerField()
    h = serializers.IntegerField()


class SpaceSerializer(serializers.ModelSerializer):
    """A room or a fixed desk; `area_m2` in square metres.

    `position` is where it lies on the plan of its floor, in metres from the upper left corner; null while it has no place.
    """

    building = serializers.CharField(source="building.name")
    floor = serializers.IntegerField(source="floor.level")
    position = PositionSerializer(source="box", allow_null=True, read_only=True)

    class Meta:
        model = Space
        fields = (
            "id",
            "building",
            "floor",
            "code",
            "kind",
            "area_m2",
            "seats",
            "active",
            "position",
            "equipment",
            "equipment_note",
            "condition",
            "condition_since",
            "condition_note",
        )


class LeaseSerializer(serializers.ModelSerializer):
    """A lease. `first_day` and `last_day` are both held; they are null when it was terminated before it began."""

    building = serializers.CharField(source="space.building.name", read_only=True)
    space_code = serializers.CharField(source="space.code", read_only=True)
    first_day = serializers.DateField(read_only=True, allow_null=True)
    last_day = serializers.DateField(read_only=True, allow_null=True)
    days_left = serializers.SerializerMethodField()

    class Meta:
        model = Lease
        fields = (
            "id",
            "company",
            "space",
            "building",
            "space_code",
            "first_day",
            "last_day",
            "state",
            "legal_basis",
            "comparator",
            "days_left",
        )

    def get_days_left(self, lease: Lease) -> int | None:
        """Days until the last day; negative after it."""
        return (lease.last_day - timezone.localdate()).days if lease.last_day else None


class NewLeaseSerializer(serializers.Serializer):
    """A signed contract to be recorded, from its first to its last day held."""

    company = serializers.PrimaryKeyRelatedField(queryset=Company.objects.none())
    space = serializers.PrimaryKeyRelatedField(queryset=Space.objects.none())
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    legal_basis = serializers.CharField(max_length=200)
    comparator = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = self.context.get("visible", {})
        for name, queryset in visible.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]


class ExtensionRequestSerializer(serializers.ModelSerializer):
    """A request to stay until and with the day `until`."""

    class Meta:
        model = ExtensionRequest
        fields = ("id", "lease", "until", "reason", "state", "asked_at", "decided_at", "decision_reason")
        read_only_fields = ("id", "lease", "state", "asked_at", "decided_at", "decision_reason")
