from tempfile import SpooledTemporaryFile
from typing import Any

from django.core.files.base import File
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.common.api import CampViewSet, created
from incubator.common.errors import DomainError, NotAllowed
from tenants.compute import rules, selectors, services
from tenants.compute.enums import ImportSource
from tenants.compute.errors import NotUsage, UnknownSource
from tenants.compute.models import Allocation, CreditAccount, Transfer, UsageImport, UsageRecord

from .serializers import (
    CreditAccountSerializer,
    GrantSerializer,
    NewGrantSerializer,
    TransferSerializer,
    UsageImportSerializer,
    UsageRecordSerializer,
)

MAX_UPLOAD = 20 * 1024 * 1024
IN_MEMORY = 1024 * 1024
CHUNK = 64 * 1024
SOURCES = (ImportSource.SLURM.value, ImportSource.SERVERS.value)


class UploadTooLarge(DomainError):
    code = "upload_too_large"
    message = _("This file is larger than 20 MB. Please use the command import_usage for it.")
    status = 413


class PlainTextParser(BaseParser):
    """The body as it comes, kept in a file once it is large; never in memory as a whole."""

    media_type = "text/plain"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        kept = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed with the request's answer)
        size = 0
        while piece := stream.read(CHUNK):
            size += len(piece)
            if size > MAX_UPLOAD:
                raise UploadTooLarge
            kept.write(piece)
        kept.seek(0)
        return File(kept, name="usage.txt")


class CreditAccountViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    """Accounts and their balances, in whole GFLOP."""

    queryset = CreditAccount.objects.none()
    serializer_class = CreditAccountSerializer
    filterset_fields = ["kind", "company"]

    def get_queryset(self) -> QuerySet:
        return selectors.accounts_for(self.request.user)


class TransferViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    """The ledger: each moves an amount out of `debit` into `credit`."""

    queryset = Transfer.objects.none()
    serializer_class = TransferSerializer
    filterset_fields = ["kind", "company", "debit", "credit"]

    def get_queryset(self) -> QuerySet:
        return selectors.transfers_for(self.request.user)


class GrantViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    queryset = Allocation.objects.none()
    serializer_class = GrantSerializer
    filterset_fields = ["company", "pool", "state"]

    def get_queryset(self) -> QuerySet:
        return selectors.grants_for(self.request.user)

    @extend_schema(request=NewGrantSerializer, responses={201: GrantSerializer})
    def create(self, request: Request) -> Response:
        if not rules.may_manage_credits(request.user):
            raise NotAllowed
        asked = NewGrantSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        lot = services.grant_credits(**asked.validated_data, actor=request.user, now=timezone.now())
        return created(GrantSerializer(lot).data, reverse("api:grant-detail", args=[lot.pk]))


class UsageImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    queryset = UsageImport.objects.none()
    serializer_class = UsageImportSerializer
    parser_classes = [PlainTextParser]
    filterset_fields = ["state"]

    def get_queryset(self) -> QuerySet:
        return selectors.usage_imports_for(self.request.user).select_related("cluster")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "detail": self.detail}

    @extend_schema(
        request={"text/plain": OpenApiTypes.STR},
        parameters=[
            OpenApiParameter("cluster", str, required=True, description="the cluster's registered name"),
            OpenApiParameter(
                "source", str, enum=SOURCES, description="what wrote the text; `slurm` when not given"
            ),
        ],
        responses={202: UsageImportSerializer},
    )
    def create(self, request: Request) -> Response:
        """The output of `sacct --parsable2`, or the CSV of assigned servers. It is imported in the background: ask the
        address in Location for the state and the counts."""
        if not rules.may_manage_credits(request.user):
            raise NotAllowed
        if not isinstance(request.data, File):
            raise NotUsage(_("The file is empty"))
        source = request.query_params.get("source", SOURCES[0])
        if source not in SOURCES:
            raise UnknownSource(name=source[:40])
        waiting = services.receive_usage(
            file=request.data,
            file_name="api.txt",
            kind=source,
            cluster=request.query_params.get("cluster", ""),
            actor=request.user,
            now=timezone.now(),
        )
        location = reverse("api:usage-import-detail", args=[waiting.pk])
        data = UsageImportSerializer(waiting).data
        return Response(data, status=status.HTTP_202_ACCEPTED, headers={"Location": location})


class UsageRecordViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    """Ended jobs as the scheduler tells them now, each with how its charge came about."""

    queryset = UsageRecord.objects.none()
    serializer_class = UsageRecordSerializer
    filterset_fields = ["company", "state"]

    def get_queryset(self) -> QuerySet:
        return selectors.usage_records_for(self.request.user).select_related("cluster")
