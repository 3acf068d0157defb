"""What stands beside the ledger, for machines: credits kept aside, alerts, storage, and the monthly statements."""

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from incubator.common.api import CampViewSet
from incubator.common.periods import last_day
from tenants.compute import selectors
from tenants.compute.models import CreditHold, StorageGrant, StorageLevel, UsageAlert
from tenants.compute.selectors import alerts, statements, storage

MONTH = r"20[0-9]{2}-(?:0[1-9]|1[0-2])"


class CreditHoldSerializer(serializers.ModelSerializer):
    class Meta:
        model = CreditHold
        fields = [
            "id",
            "company",
            "account",
            "amount_gflop",
            "reason",
            "placed_at",
            "expires_at",
            "outcome",
            "resolved_at",
        ]


class UsageAlertSerializer(serializers.ModelSerializer):
    """`used` and `granted` are GFLOP for credits and bytes for storage."""

    class Meta:
        model = UsageAlert
        fields = [
            "id",
            "company",
            "subject",
            "threshold",
            "used",
            "granted",
            "run_out_first",
            "run_out_last",
            "created_at",
        ]


class StorageGrantSerializer(serializers.ModelSerializer):
    """`first_day` and `last_day` are both held."""

    cluster = serializers.CharField(source="cluster.name", read_only=True)
    first_day = serializers.DateField(source="period.lower", read_only=True)
    last_day = serializers.SerializerMethodField()

    class Meta:
        model = StorageGrant
        fields = ["id", "company", "cluster", "tb", "first_day", "last_day", "reason", "granted_at"]

    def get_last_day(self, granted: StorageGrant) -> str | None:
        last = last_day(granted.period)
        return last.isoformat() if last else None


class StorageLevelSerializer(serializers.ModelSerializer):
    cluster = serializers.CharField(source="cluster.name", read_only=True)

    class Meta:
        model = StorageLevel
        fields = ["id", "company", "cluster", "account", "day", "used_bytes", "granted_bytes"]


class MonthSerializer(serializers.Serializer):
    """What a month granted and used, and what the lots held at its end, debts taken off."""

    month = serializers.CharField(source="month.name")
    granted_gflop = serializers.IntegerField(source="granted")
    used_gflop = serializers.IntegerField(source="used")
    closing_gflop = serializers.IntegerField(source="closing")


class CreditHoldViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    """Credits of a grant that are kept aside for a while."""

    queryset = CreditHold.objects.none()
    serializer_class = CreditHoldSerializer
    filterset_fields = ["company", "account", "outcome"]

    def get_queryset(self) -> QuerySet:
        return selectors.credit_holds_for(self.request.user)


class UsageAlertViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    """Thresholds that were reached, each once for the same grants."""

    queryset = UsageAlert.objects.none()
    serializer_class = UsageAlertSerializer
    filterset_fields = ["company", "subject", "threshold"]

    def get_queryset(self) -> QuerySet:
        return alerts.alerts_for(self.request.user)


class StorageGrantViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    queryset = StorageGrant.objects.none()
    serializer_class = StorageGrantSerializer
    filterset_fields = ["company"]

    def get_queryset(self) -> QuerySet:
        return storage.storage_grants_for(self.request.user).select_related("cluster")


class StorageLevelViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    """What accounts held on a day, as the data centre tells it now."""

    queryset = StorageLevel.objects.none()
    serializer_class = StorageLevelSerializer
    filterset_fields = ["company", "account", "day"]

    def get_queryset(self) -> QuerySet:
        return storage.storage_levels_for(self.request.user).select_related("cluster")


class CreditStatementViewSet(CampViewSet):
    """The monthly statements of the company that the token acts for: the list of months, and each month as the document
    that `verify_statement` proves. Everyone else gets an empty list and no document."""

    queryset = CreditHold.objects.none()
    serializer_class = MonthSerializer
    lookup_field = "month"
    lookup_value_regex = MONTH

    @extend_schema(responses={200: MonthSerializer(many=True)})
    def list(self, request: Request) -> Response:
        lines = statements.months_of(request.user, timezone.localdate()) if _acts_for_company(request) else []
        return Response({"next": None, "previous": None, "results": MonthSerializer(lines, many=True).data})

    @extend_schema(
        parameters=[OpenApiParameter("month", str, OpenApiParameter.PATH, description="2026-11")],
        responses={200: OpenApiTypes.OBJECT},
    )
    def retrieve(self, request: Request, month: str) -> Response:
        found, named = None, statements.Month.named(month)
        if named and _acts_for_company(request):
            found = statements.document_of(request.user, named, timezone.now())
        if found is None:
            raise Http404
        return Response(found)


def _acts_for_company(request: Request) -> bool:
    return acting_of(request.user).kind == Kind.FOUNDER
