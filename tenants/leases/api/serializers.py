from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tenants.companies.models import Company
from tenants.leases import selectors
from tenants.leases.models import EarlyEnd, ExtensionRequest, Lease, LeaseTransition, Space
from tenants.leases.selectors import contracts


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
        fields: tuple[str, ...] = (
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


class SignatureSerializer(serializers.Serializer):
    side = serializers.CharField()
    name = serializers.CharField(source="typed_name")
    at = serializers.DateTimeField()


class ContractSerializer(serializers.Serializer):
    """The contract that counts: sign it with its `sha256`. `code` is the verification code of its PDF."""

    id = serializers.IntegerField(source="contract.pk")
    number = serializers.IntegerField(source="contract.number")
    code = serializers.CharField(source="contract.paper.code_shown")
    sha256 = serializers.CharField(source="contract.sha256")
    made_at = serializers.DateTimeField(source="contract.made_at")
    terms = serializers.DictField(source="contract.terms")
    signatures = SignatureSerializer(many=True)


class StepSerializer(serializers.ModelSerializer):
    """One step of a lease's life; `step` is empty in rows older than it."""

    class Meta:
        model = LeaseTransition
        fields = ("step", "from_state", "to_state", "last_day", "at", "reason")


class LeaseDetailSerializer(LeaseSerializer):
    """A lease with the contract that counts (null without one) and its history, the first step first."""

    contract = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()

    class Meta(LeaseSerializer.Meta):
        fields = (*LeaseSerializer.Meta.fields, "contract", "history")

    @extend_schema_field(ContractSerializer(allow_null=True))
    def get_contract(self, lease: Lease) -> Any:
        views = contracts.contract_views(self.context["request"].user, [lease.pk]).get(lease.pk)
        return ContractSerializer(views[0]).data if views else None

    @extend_schema_field(StepSerializer(many=True))
    def get_history(self, lease: Lease) -> Any:
        steps = selectors.transitions_for(self.context["request"].user).filter(lease=lease)
        return StepSerializer(steps, many=True).data


class SignSerializer(serializers.Serializer):
    """A signature under the contract of this hash: the name as it stands in the signer's account."""

    document_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")
    typed_name = serializers.CharField(max_length=80)


class CompanySignSerializer(SignSerializer):
    agreed = serializers.BooleanField()


class EarlyEndSerializer(serializers.ModelSerializer):
    """A request to leave after `last_day`."""

    class Meta:
        model = EarlyEnd
        fields = (
            "id",
            "lease",
            "kind",
            "last_day",
            "reason",
            "state",
            "asked_at",
            "decided_at",
            "decision_reason",
        )
        read_only_fields = ("id", "lease", "kind", "state", "asked_at", "decided_at", "decision_reason")


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
