from typing import Any

from rest_framework import serializers

from investors.firms.models import Firm, Fund, Mandate


class MandateSerializer(serializers.ModelSerializer):
    """What a firm looks for. Amounts are whole won; `capacity` is how many introductions it takes."""

    class Meta:
        model = Mandate
        fields = (
            "sectors",
            "stages",
            "regions",
            "ticket_min_krw",
            "ticket_max_krw",
            "max_company_age_years",
            "role",
            "keywords",
            "thesis",
            "capacity",
        )


class FundSerializer(serializers.ModelSerializer):
    """Whole won. `left_krw` is what was left to invest on `left_as_of`; null when the firm has not said."""

    class Meta:
        model = Fund
        fields = ("name", "vintage_year", "size_krw", "left_krw", "left_as_of")


class FirmSerializer(serializers.ModelSerializer):
    mandate = MandateSerializer(read_only=True)
    funds = FundSerializer(many=True, read_only=True)
    holdings: Any = serializers.SlugRelatedField(slug_field="company_name", many=True, read_only=True)

    class Meta:
        model = Firm
        fields = (
            "id",
            "slug",
            "name",
            "kind",
            "contact_name",
            "email",
            "active",
            "mandate",
            "funds",
            "holdings",
        )
