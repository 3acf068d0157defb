"""Reports of sessions and what follows from them, for machines."""

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.accounts.api import ReadOfCompanies
from incubator.accounts.enums import Kind
from incubator.common.api import created
from tenants.consulting import selectors, services
from tenants.consulting.models import NextStep, SessionReport

from .serializers import CancelSerializer, ReportSerializer, StepSerializer, WriteReportSerializer


class SessionReportViewSet(ReadOfCompanies):
    """What was advised. POST writes a session's report, or corrects it where there is one; steps not named stay."""

    queryset = SessionReport.objects.none()
    serializer_class = ReportSerializer
    filterset_fields = ("company", "adviser", "field")
    noted = Kind.ADVISER
    task = "session reports by API"

    def get_queryset(self) -> QuerySet[SessionReport]:
        steps = Prefetch("steps", NextStep.objects.in_full().order_by("pk"))
        found = selectors.reports_for(self.request.user).with_adviser()
        return found.prefetch_related(steps, "files")

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return WriteReportSerializer if self.action == "create" else ReportSerializer

    @extend_schema(responses={200: ReportSerializer, 201: ReportSerializer})
    def create(self, request: Request) -> Response:
        given = self._given(request)
        booking = get_object_or_404(selectors.bookings_for(request.user), pk=given.pop("booking"))
        differs_from = given.pop("differs_from")
        if differs_from is not None:
            differs_from = get_object_or_404(selectors.reports_for(request.user), pk=differs_from)
        known = selectors.reports_for(request.user).filter(booking=booking).exists()
        steps = [services.StepDraft(**step) for step in given.pop("steps")]
        report = services.write_report(
            booking=booking,
            steps=steps,
            differs_from=differs_from,
            actor=request.user,
            now=timezone.now(),
            **given,
        )
        shown = ReportSerializer(self.get_queryset().get(pk=report.pk)).data
        address = reverse("api:session-report-detail", args=[report.pk])
        return Response(shown) if known else created(shown, address)


class NextStepViewSet(ReadOfCompanies):
    """What was agreed to be done. POST to `done` or `drop` says what became of it."""

    queryset = NextStep.objects.none()
    serializer_class = StepSerializer
    filterset_fields = ("state", "owner", "company", "adviser", "report")
    noted = Kind.ADVISER
    task = "next steps by API"

    def get_queryset(self) -> QuerySet[NextStep]:
        return selectors.steps_for(self.request.user).in_full()

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return CancelSerializer if self.action == "drop" else StepSerializer

    @extend_schema(request=None, responses=StepSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        step = services.finish_step(step=self.get_object(), actor=request.user, now=timezone.now())
        return self._shown(step)

    @extend_schema(responses=StepSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str) -> Response:
        step = self.get_object()
        reason = self._given(request)["reason"]
        step = services.drop_step(step=step, reason=reason, actor=request.user, now=timezone.now())
        return self._shown(step)

    def _shown(self, step: NextStep) -> Response:
        return Response(StepSerializer(self.get_queryset().get(pk=step.pk)).data)
