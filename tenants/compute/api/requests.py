"""Requests for credits, for machines: companies ask and follow, managers read."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from incubator.common.api import CampViewSet, created
from incubator.common.errors import NotAllowed
from incubator.common.periods import days, last_day
from tenants.companies import selectors as companies
from tenants.compute import selectors, services
from tenants.compute.enums import RequestState
from tenants.compute.models import GrantRequest, PlannedUse

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class MonthField(serializers.RegexField):
    """2026-12, kept as the first day of the month."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(MONTH, **kwargs)

    def to_representation(self, value: Any) -> str:
        return f"{value:%Y-%m}"


class PlannedUseSerializer(serializers.ModelSerializer):
    month = MonthField()

    class Meta:
        model = PlannedUse
        fields = ["month", "gflop"]


class GrantRequestSerializer(serializers.ModelSerializer):
    """`first_day` and `last_day` are both meant; `granted_gflop` and `grant` are told once it is granted."""

    first_day = serializers.DateField(source="period.lower", read_only=True)
    last_day = serializers.SerializerMethodField()
    plan = PlannedUseSerializer(many=True, read_only=True)
    granted_gflop = serializers.SerializerMethodField()
    grant: Any = serializers.PrimaryKeyRelatedField(source="allocation", read_only=True)

    class Meta:
        model = GrantRequest
        fields = [
            "id",
            "company",
            "project",
            "description",
            "resources",
            "amount_gflop",
            "first_day",
            "last_day",
            "plan",
            "own_share_percent",
            "reason",
            "asked_at",
            "state",
            "granted_gflop",
            "grant",
            "decided_at",
            "decision_reason",
        ]

    def get_last_day(self, asked: GrantRequest) -> str | None:
        last = last_day(asked.period)
        return last.isoformat() if last else None

    def get_granted_gflop(self, asked: GrantRequest) -> int | None:
        return asked.granted_gflop if asked.state == RequestState.GRANTED else None


class NewPlannedUseSerializer(serializers.Serializer):
    month = MonthField()
    gflop = serializers.IntegerField(min_value=0, max_value=10**18)


class NewGrantRequestSerializer(serializers.Serializer):
    """Without `plan` each day of the period is planned the same."""

    project = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=1000)
    amount_gflop = serializers.IntegerField(min_value=1, max_value=10**18)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    plan = serializers.ListField(child=NewPlannedUseSerializer(), required=False, max_length=24)
    resources = serializers.ListField(child=serializers.CharField(max_length=80), default=list, max_length=50)
    own_share_percent = serializers.IntegerField(min_value=0, max_value=100, default=0)
    reason = serializers.CharField(max_length=1000)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        first, last = data.pop("first_day"), data.pop("last_day")
        if last < first:
            raise serializers.ValidationError({"last_day": [_("The last day is before the first.")]})
        rows = data.pop("plan", None)
        plan = None
        if rows is not None:
            plan = {date.fromisoformat(f"{row['month']}-01"): row["gflop"] for row in rows}
            if len(plan) != len(rows):
                raise serializers.ValidationError({"plan": [_("A month stands there twice.")]})
        return {**data, "plan": plan, "period": days(first, last)}


class GrantRequestViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    queryset = GrantRequest.objects.none()
    serializer_class = GrantRequestSerializer
    filterset_fields = ["company", "state"]

    def get_queryset(self) -> QuerySet:
        return selectors.requests.grant_requests_for(self.request.user).prefetch_related("plan")

    @extend_schema(request=NewGrantRequestSerializer, responses={201: GrantRequestSerializer})
    def create(self, request: Request) -> Response:
        """A company asks for credits. Managers decide in their own place."""
        acting = acting_of(request.user)
        if acting.kind != Kind.FOUNDER or acting.scope_id is None:
            raise NotAllowed
        asked = NewGrantRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = services.ask_for_credits(
            company=companies.companies_for(request.user).get(pk=acting.scope_id),
            key=uuid4().hex,
            actor=request.user,
            now=timezone.now(),
            **asked.validated_data,
        )
        return created(GrantRequestSerializer(made).data, reverse("api:grant-request-detail", args=[made.pk]))

    @extend_schema(request=None, responses={200: GrantRequestSerializer})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        """Take a request back that is not decided."""
        asked = services.withdraw_request(request=self.get_object(), actor=request.user, now=timezone.now())
        return Response(GrantRequestSerializer(asked).data)
