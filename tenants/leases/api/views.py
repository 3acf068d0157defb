from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django_filters.rest_framework import DateFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.common.api import CampViewSet, created
from incubator.common.errors import NotAllowed
from tenants.companies import selectors as companies
from tenants.leases import selectors, services
from tenants.leases.errors import OfferChanged
from tenants.leases.models import Lease, Space
from tenants.leases.rules import may_manage_leases
from tenants.leases.selectors import contracts
from tenants.leases.selectors import spaces as details

from .serializers import (
    CompanySignSerializer,
    EarlyEndSerializer,
    ExtensionRequestSerializer,
    LeaseDetailSerializer,
    LeaseSerializer,
    NewLeaseSerializer,
    SignatureSerializer,
    SignSerializer,
    SpaceSerializer,
)


class SpaceFilter(FilterSet):
    """`vacant_on` keeps the spaces that are let and that no lease (from its offer on) and no blocked period holds that day."""

    vacant_on = DateFilter(method="only_vacant")

    class Meta:
        model = Space
        fields = ("building", "kind", "active", "condition")

    def only_vacant(self, queryset: QuerySet[Space], name: str, value: date) -> QuerySet[Space]:
        return details.vacant_on(queryset, value)


class SpaceViewSet(ListModelMixin, RetrieveModelMixin, CampViewSet):
    """Rooms and fixed desks, for founders and managers."""

    queryset = Space.objects.none()
    serializer_class = SpaceSerializer
    filterset_class = SpaceFilter

    def get_queryset(self) -> QuerySet[Space]:
        return selectors.spaces_for(self.request.user)


class LeaseViewSet(ListModelMixin, RetrieveModelMixin, CampViewSet):
    """Leases that the caller's role may see. POST records a signed contract (managers of leases)."""

    queryset = Lease.objects.none()
    serializer_class = LeaseSerializer
    filterset_fields = ("company", "space", "state")

    def get_queryset(self) -> QuerySet[Lease]:
        return selectors.leases_for(self.request.user)

    def get_serializer_class(self) -> type[LeaseSerializer]:
        return LeaseDetailSerializer if self.action == "retrieve" else LeaseSerializer

    @extend_schema(request=NewLeaseSerializer, responses={201: LeaseSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        # Before the values are looked at: what exists is not told to whoever may not write.
        if not may_manage_leases(request.user):
            raise NotAllowed
        visible = {
            "company": companies.companies_for(request.user),
            "space": selectors.spaces_for(request.user),
        }
        given = NewLeaseSerializer(data=request.data, context={"visible": visible})
        given.is_valid(raise_exception=True)
        lease = services.lease_space(**given.validated_data, actor=request.user, now=timezone.now())
        return created(LeaseSerializer(lease).data, reverse("api:lease-detail", args=[lease.pk]))

    @extend_schema(request=ExtensionRequestSerializer, responses={201: ExtensionRequestSerializer})
    @action(detail=True, methods=["post"])
    def extension(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask that this lease runs longer."""
        lease = self.get_object()
        given = ExtensionRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = services.request_extension(
            lease=lease, actor=request.user, now=timezone.now(), **given.validated_data
        )
        location = reverse("api:lease-detail", args=[lease.pk])
        return created(ExtensionRequestSerializer(asked).data, location)

    def _signing(self, request: Request, serializer: type[SignSerializer]) -> dict[str, Any]:
        """What a signature takes, with the contract that counts. Raises OfferChanged without one."""
        lease = self.get_object()
        given = serializer(data=request.data)
        given.is_valid(raise_exception=True)
        contract = contracts.contracts_for(request.user).filter(lease=lease).order_by("-number").first()
        if contract is None:
            raise OfferChanged
        return {
            "contract": contract,
            "ip": request.META.get("REMOTE_ADDR") or None,
            "user_agent": request.headers.get("User-Agent", ""),
            "actor": request.user,
            "now": timezone.now(),
            **given.validated_data,
        }

    @extend_schema(request=CompanySignSerializer, responses={201: SignatureSerializer})
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Sign the contract of this lease for the company (its owners)."""
        signature = services.sign_contract(**self._signing(request, CompanySignSerializer))
        location = reverse("api:lease-detail", args=[signature.contract.lease_id])
        return created(SignatureSerializer(signature).data, location)

    @extend_schema(request=SignSerializer, responses={201: LeaseSerializer})
    @action(detail=True, methods=["post"])
    def countersign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Sign the contract of this lease for the camp (managers of leases)."""
        lease = services.countersign_contract(**self._signing(request, SignSerializer))
        return created(LeaseSerializer(lease).data, reverse("api:lease-detail", args=[lease.pk]))

    @extend_schema(request=EarlyEndSerializer, responses={201: EarlyEndSerializer})
    @action(detail=True, methods=["post"], url_path="early-end")
    def early_end(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask that this lease ends earlier."""
        lease = self.get_object()
        given = EarlyEndSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = services.ask_early_end(
            lease=lease, actor=request.user, now=timezone.now(), **given.validated_data
        )
        return created(EarlyEndSerializer(asked).data, reverse("api:lease-detail", args=[lease.pk]))
