from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from incubator.audit.services import note_access
from incubator.common.api import CampViewSet
from tenants.companies import selectors, services
from tenants.companies.models import Company

from .serializers import CompanySerializer, OwnCompanySerializer


class CompanyViewSet(ListModelMixin, RetrieveModelMixin, CampViewSet):
    """Companies that the caller's role may see. PATCH changes the profile of one's own."""

    queryset = Company.objects.none()
    filterset_fields = ("stage", "region", "visible_to_investors")

    def get_queryset(self) -> QuerySet[Company]:
        return selectors.with_residency(selectors.companies_for(self.request.user))

    def get_serializer_class(self) -> type[CompanySerializer]:
        if acting_of(self.request.user).kind == Kind.INVESTOR:
            return CompanySerializer
        return OwnCompanySerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().retrieve(request, *args, **kwargs)
        if acting_of(request.user).kind != Kind.FOUNDER:
            note_access(request, "company", [response.data["id"]], task="company by API")
        return response

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        company = self.get_object()
        serializer = self.get_serializer(company, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        services.edit_profile(
            company=company, values=serializer.validated_data, actor=request.user, now=timezone.now()
        )
        return Response(self.get_serializer(company).data)
