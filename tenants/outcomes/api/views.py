from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.accounts.acting import acting_of
from incubator.common.api import CampViewSet, created
from tenants.companies import selectors as companies
from tenants.outcomes import selectors, services
from tenants.outcomes.models import KpiReport, KpiValue

from .serializers import NewReportSerializer, ReportSerializer


class ReportViewSet(ListModelMixin, RetrieveModelMixin, CampViewSet):
    """Outcome reports. POST saves the next revision of a period's report, submitted unless `submit` is false."""

    queryset = KpiReport.objects.none()
    serializer_class = ReportSerializer
    filterset_fields = ("company", "period", "state")

    def get_queryset(self) -> QuerySet[KpiReport]:
        values = Prefetch("values", KpiValue.objects.select_related("definition"))
        return selectors.reports_for(self.request.user).prefetch_related(values)

    def create(self, request: Request) -> Response:
        given = NewReportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        company = values.get("company") or acting_of(request.user).scope_id
        report = services.save_report(
            company=get_object_or_404(companies.companies_for(request.user), pk=company),
            period=get_object_or_404(selectors.periods_for(request.user), pk=values["period"]),
            values=values["values"],
            note=values["note"],
            submit=values["submit"],
            actor=request.user,
            now=timezone.now(),
        )
        return created(ReportSerializer(report).data, self.reverse_action("detail", args=[report.pk]))
