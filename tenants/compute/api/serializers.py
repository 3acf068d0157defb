from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from incubator.common.periods import days, last_day
from tenants.companies.models import Company
from tenants.compute.models import Allocation, CreditAccount, Pool, Transfer, UsageImport, UsageRecord


class CreditAccountSerializer(serializers.ModelSerializer):
    class Meta:
        model = CreditAccount
        fields = ["id", "code", "kind", "company", "balance_gflop", "opened_at"]


class TransferSerializer(serializers.ModelSerializer):
    class Meta:
        model = Transfer
        fields = [
            "id",
            "amount_gflop",
            "debit",
            "credit",
            "kind",
            "reason",
            "company",
            "usage_posting",
            "reverses",
            "effective_at",
            "recorded_at",
        ]


class GrantSerializer(serializers.ModelSerializer):
    """`first_day` and `last_day` are both held."""

    first_day = serializers.DateField(source="period.lower", read_only=True)
    last_day = serializers.SerializerMethodField()

    class Meta:
        model = Allocation
        fields = [
            "id",
            "company",
            "pool",
            "programme",
            "account",
            "amount_gflop",
            "taken_back_gflop",
            "resources",
            "first_day",
            "last_day",
            "own_share_percent",
            "reason",
            "state",
            "granted_at",
        ]

    def get_last_day(self, grant: Allocation) -> str | None:
        last = last_day(grant.period)
        return last.isoformat() if last else None


class NewGrantSerializer(serializers.Serializer):
    company = serializers.PrimaryKeyRelatedField(queryset=Company.objects.all())
    pool = serializers.PrimaryKeyRelatedField(queryset=Pool.objects.all())
    programme = serializers.CharField(max_length=120)
    amount_gflop = serializers.IntegerField(min_value=1, max_value=10**18)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    resources = serializers.ListField(child=serializers.CharField(max_length=80), default=list, max_length=50)
    own_share_percent = serializers.IntegerField(min_value=0, max_value=100, default=0)
    reason = serializers.CharField(max_length=400)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        first, last = data.pop("first_day"), data.pop("last_day")
        if last < first:
            raise serializers.ValidationError({"last_day": [_("The last day is before the first.")]})
        return {**data, "period": days(first, last)}


class UsageImportSerializer(serializers.ModelSerializer):
    cluster = serializers.CharField(source="cluster.name", read_only=True)
    rejected_rows = serializers.SerializerMethodField()

    class Meta:
        model = UsageImport
        fields = [
            "id",
            "cluster",
            "file_name",
            "sha256",
            "state",
            "failure",
            "read",
            "new",
            "changed",
            "unchanged",
            "unattributed",
            "rejected",
            "held",
            "started_at",
            "finished_at",
            "rejected_rows",
        ]

    def get_rejected_rows(self, usage_import: UsageImport) -> list[dict[str, Any]]:
        """The first hundred, on the page of one import only."""
        if not self.context.get("detail") or not usage_import.rejected:
            return []
        rows = usage_import.rows_rejected[:100]
        return [{"line": row.line, "code": row.code, "reason": row.reason} for row in rows]


class UsageRecordSerializer(serializers.ModelSerializer):
    cluster = serializers.CharField(source="cluster.name", read_only=True)

    class Meta:
        model = UsageRecord
        fields = [
            "id",
            "cluster",
            "kind",
            "job_id",
            "display_id",
            "submit_at",
            "revision",
            "account",
            "user",
            "company",
            "state",
            "started_at",
            "ended_at",
            "elapsed_seconds",
            "units",
            "lines",
            "unrated",
            "charge_gflop",
        ]
