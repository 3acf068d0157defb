from rest_framework import serializers

from tenants.outcomes.models import KpiReport


class ReportSerializer(serializers.ModelSerializer):
    """A report; `values` maps the code of each indicator to a whole number of its unit."""

    values = serializers.SerializerMethodField()

    class Meta:
        model = KpiReport
        fields = ("id", "company", "period", "revision", "state", "note", "submitted_at", "values")

    def get_values(self, report: KpiReport) -> dict[str, int]:
        return {value.definition.code: value.value for value in report.values.all()}


class NewReportSerializer(serializers.Serializer):
    company = serializers.IntegerField(required=False, min_value=1)
    period = serializers.IntegerField(min_value=1)
    values = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=10**15, allow_null=True)
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")
    submit = serializers.BooleanField(default=True)
