from typing import Any

from rest_framework import serializers

from incubator.common.enums import Sector
from tenants.companies.models import Company
from tenants.companies.services import PROFILE_FIELDS


class CompanySerializer(serializers.ModelSerializer):
    """What investors may read of a company. Periods are ISO days, `until` exclusive; amounts are whole won."""

    sectors = serializers.ListField(
        child=serializers.ChoiceField(choices=Sector.choices), max_length=len(Sector), required=False
    )
    residency = serializers.SerializerMethodField()

    class Meta:
        model = Company
        fields: tuple[str, ...] = (
            "id",
            "slug",
            "name",
            "name_en",
            "homepage",
            "founded_on",
            "sectors",
            "stage",
            "region",
            "summary",
            "employees",
            "ask_krw",
            "visible_to_investors",
            "residency",
        )
        read_only_fields: tuple[str, ...] = tuple(field for field in fields if field not in PROFILE_FIELDS)

    def get_residency(self, company: Company) -> dict[str, Any] | None:
        period = getattr(company, "residency_period", None)
        if period is None:
            return None
        return {"state": company.residency_state, "from": period.lower, "until": period.upper}  # type: ignore[attr-defined]


class OwnCompanySerializer(CompanySerializer):
    """A company as itself and the managers see it."""

    class Meta(CompanySerializer.Meta):
        fields = (
            *CompanySerializer.Meta.fields,
            "business_number",
            "corporate_number",
            "representative",
            "email",
            "revenue_krw",
            "cluster_account",
        )
        read_only_fields = tuple(field for field in fields if field not in PROFILE_FIELDS)
