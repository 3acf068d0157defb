"""The machines' entrance. Every domain brings its viewsets; this page only lists them."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from incubator.common import api_schema  # noqa: F401, the schema's view finds it there
from investors.firms.api.views import FirmViewSet
from investors.matching.api.views import IntroductionViewSet, MatchViewSet
from tenants.companies.api.views import CompanyViewSet
from tenants.compute.api.balances import (
    CreditHoldViewSet,
    CreditStatementViewSet,
    StorageGrantViewSet,
    StorageLevelViewSet,
    UsageAlertViewSet,
)
from tenants.compute.api.requests import GrantRequestViewSet
from tenants.compute.api.views import (
    CreditAccountViewSet,
    GrantViewSet,
    TransferViewSet,
    UsageImportViewSet,
    UsageRecordViewSet,
)
from tenants.consulting.api.reports import NextStepViewSet, SessionReportViewSet
from tenants.consulting.api.views import AdviserViewSet, BookingViewSet, SlotViewSet
from tenants.helpdesk.api.views import HelpRequestViewSet
from tenants.leases.api.views import LeaseViewSet, SpaceViewSet
from tenants.outcomes.api.views import ReportViewSet
from tenants.programmes.api.views import ProgrammeViewSet, SignUpViewSet

router = DefaultRouter()
router.include_format_suffixes = False
router.register("companies", CompanyViewSet, "company")
router.register("spaces", SpaceViewSet, "space")
router.register("leases", LeaseViewSet, "lease")
router.register("requests", HelpRequestViewSet, "request")
router.register("outcome-reports", ReportViewSet, "outcome-report")
router.register("advisers", AdviserViewSet, "adviser")
router.register("slots", SlotViewSet, "slot")
router.register("bookings", BookingViewSet, "booking")
router.register("programmes", ProgrammeViewSet, "programme")
router.register("sign-ups", SignUpViewSet, "sign-up")
router.register("session-reports", SessionReportViewSet, "session-report")
router.register("next-steps", NextStepViewSet, "next-step")
router.register("credit-accounts", CreditAccountViewSet, "credit-account")
router.register("transfers", TransferViewSet, "transfer")
router.register("grants", GrantViewSet, "grant")
router.register("grant-requests", GrantRequestViewSet, "grant-request")
router.register("credit-holds", CreditHoldViewSet, "credit-hold")
router.register("credit-statements", CreditStatementViewSet, "credit-statement")
router.register("storage-grants", StorageGrantViewSet, "storage-grant")
router.register("storage-levels", StorageLevelViewSet, "storage-level")
router.register("usage-alerts", UsageAlertViewSet, "usage-alert")
router.register("usage-imports", UsageImportViewSet, "usage-import")
router.register("usage-records", UsageRecordViewSet, "usage-record")
router.register("firms", FirmViewSet, "firm")
router.register("matches", MatchViewSet, "match")
router.register("introductions", IntroductionViewSet, "introduction")

urlpatterns = [
    path("v1/", include((router.urls, "api"), namespace="api")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
]
