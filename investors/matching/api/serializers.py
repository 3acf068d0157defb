from typing import Any

from rest_framework import serializers

from investors.matching.enums import DisclosureItem
from investors.matching.models import MESSAGE_LIMIT, REASON_LIMIT, Introduction, Match


class ComponentSerializer(serializers.Serializer):
    """One reason; all in 1/10,000. The contributions of a match add up to its score.

    `labels` name the tags of `technology`: code, Korean, English.
    """

    key = serializers.CharField()
    weight = serializers.IntegerField()
    value = serializers.IntegerField()
    contribution = serializers.IntegerField()
    company_fact = serializers.CharField()
    firm_fact = serializers.CharField()
    labels = serializers.ListField(child=serializers.ListField(child=serializers.CharField()), required=False)


class MatchSerializer(serializers.ModelSerializer):
    """`score` counts 1/10,000. `missing` names what one side does not say and so does not count."""

    components = ComponentSerializer(many=True)

    class Meta:
        model = Match
        fields: tuple[str, ...] = ("id", "run", "company", "firm", "score", "components", "missing")


class StaffMatchSerializer(MatchSerializer):
    class Meta(MatchSerializer.Meta):
        fields = (*MatchSerializer.Meta.fields, "published", "state", "decided_at", "decision_reason")


class IntroductionSerializer(serializers.ModelSerializer):
    """What a firm may know of an introduction; it exists for the firm only once the company agreed."""

    class Meta:
        model = Introduction
        fields: tuple[str, ...] = (
            "id",
            "match",
            "company",
            "firm",
            "state",
            "items",
            "until",
            "made_at",
            "answered_at",
        )


class FullIntroductionSerializer(IntroductionSerializer):
    """As the company and the staff see it."""

    class Meta(IntroductionSerializer.Meta):
        fields = (*IntroductionSerializer.Meta.fields, "message", "note")


class IntroduceSerializer(serializers.Serializer):
    """Asks the company of a match. `until` is the last day on which the firm may see the items."""

    match = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    items = serializers.MultipleChoiceField(choices=DisclosureItem.choices)
    message = serializers.CharField(max_length=MESSAGE_LIMIT, allow_blank=True, default="")
    until = serializers.DateField(default=None, allow_null=True)


class AnswerSerializer(serializers.Serializer):
    """The company's answer. Without `items` it agrees to all that were asked for."""

    consent = serializers.BooleanField()
    items = serializers.MultipleChoiceField(choices=DisclosureItem.choices, required=False)
    reason = serializers.CharField(max_length=REASON_LIMIT, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["consent"]:
            attrs.pop("items", None)
        return attrs
