"""Requests for machines: companies report and follow, managers read."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from incubator.common.api import CampViewSet, created
from incubator.common.errors import NotAllowed
from tenants.companies import selectors as companies
from tenants.helpdesk import selectors, services
from tenants.helpdesk.enums import Urgency
from tenants.helpdesk.errors import CategoryClosed
from tenants.helpdesk.models import TEXT, HelpRequest


class HelpRequestSerializer(serializers.ModelSerializer):
    """`category` is its code. The history is on the pages: parts of it are the camp office's own."""

    category: Any = serializers.SlugRelatedField(slug_field="code", read_only=True)

    class Meta:
        model = HelpRequest
        fields = [
            "id",
            "company",
            "category",
            "title",
            "text",
            "place",
            "urgency",
            "state",
            "asked_at",
            "due_on",
            "answered_at",
            "solved_at",
            "closes_on",
            "closed_at",
            "closed_by",
            "reopened",
            "satisfaction",
        ]


class NewHelpRequestSerializer(serializers.Serializer):
    category = serializers.CharField(max_length=40)
    title = serializers.CharField(max_length=120)
    text = serializers.CharField(max_length=TEXT)
    urgency = serializers.ChoiceField(choices=Urgency.choices, default=Urgency.NORMAL)
    place = serializers.CharField(max_length=120, default="", allow_blank=True)


class HelpRequestViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    queryset = HelpRequest.objects.none()
    serializer_class = HelpRequestSerializer
    filterset_fields = ["company", "state"]

    def get_queryset(self) -> QuerySet:
        return selectors.requests_for(self.request.user)

    @extend_schema(request=NewHelpRequestSerializer, responses={201: HelpRequestSerializer})
    def create(self, request: Request) -> Response:
        """A company reports a problem or a wish; photographs go with the page."""
        acting = acting_of(request.user)
        if acting.kind != Kind.FOUNDER or acting.scope_id is None:
            raise NotAllowed
        asked = NewHelpRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        category = selectors.categories_for(request.user).filter(code=values.pop("category")).first()
        if category is None:
            raise CategoryClosed
        made = services.report_problem(
            company=companies.companies_for(request.user).get(pk=acting.scope_id),
            category=category,
            key=uuid4().hex,
            actor=request.user,
            now=timezone.now(),
            **values,
        )
        return created(HelpRequestSerializer(made).data, reverse("api:request-detail", args=[made.pk]))
