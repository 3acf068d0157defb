from django.contrib import admin
from django.urls import include, path

from incubator.accounts import views as accounts
from incubator.common import health
from incubator.common import views as common
from incubator.reporting import matching_views
from incubator.reporting import views as reporting
from investors.portal import feed_views
from tenants.consulting import calendar_views

urlpatterns = [
    path("", reporting.front, name="front"),
    path("numbers/", matching_views.numbers, name="numbers"),
    path("start/", accounts.start, name="start"),
    path("role/", accounts.switch_role, name="switch_role"),
    path("invitation/<str:token>/", accounts.invitation, name="invitation"),
    path("outbox/", accounts.outbox, name="outbox"),
    path("contrast/", common.set_contrast, name="set_contrast"),
    path("language/", accounts.switch_language, name="set_language"),
    path("accounts/", include("incubator.accounts.urls")),
    path("portal/", include("tenants.portal.urls")),
    path("portal/company/", include("tenants.companies.urls")),
    path("portal/lease/", include("tenants.leases.urls")),
    path("portal/credits/", include("tenants.compute.urls")),
    path("portal/consulting/", include("tenants.consulting.urls")),
    path("portal/programmes/", include("tenants.programmes.urls")),
    path("portal/matches/", include("investors.matching.urls")),
    path("portal/demo-days/", include("investors.demoday.urls")),
    path("portal/data-room/", include("investors.dataroom.urls")),
    path("portal/outcomes/", include("tenants.outcomes.urls")),
    path("portal/deadlines/", include("tenants.deadlines.urls")),
    path("portal/requests/", include("tenants.helpdesk.urls")),
    path("portal/mentor-days/", include("tenants.mentordays.urls")),
    path("apply/", include("tenants.intake.urls")),
    path("review/", include("tenants.intake.review_urls")),
    path("portal/papers/", include("tenants.papers.urls")),
    path("verify/", include("tenants.papers.verify_urls")),
    path("advise/mentor-days/", include("tenants.mentordays.advise_urls")),
    path("advise/programmes/", include("tenants.programmes.advise_urls")),
    path("advise/", include("tenants.consulting.advise_urls")),
    path("calendar/firm/<str:token>.ics", feed_views.firm_feed, name="firm_feed"),
    path("calendar/<str:token>.ics", calendar_views.feed, name="calendar_feed"),
    path("invest/demo-days/", include("investors.demoday.invest_urls")),
    path("invest/documents/", include("investors.dataroom.reading_urls")),
    path("invest/", include("investors.portal.urls")),
    path("admin/reporting/", include("incubator.reporting.urls")),
    path("admin/honoraria/", include("tenants.consulting.office_urls")),
    path("admin/clocks/", include("tenants.deadlines.office_urls")),
    path("admin/request-photos/", include("tenants.helpdesk.office_urls")),
    path("admin/mentor-days/", include("tenants.mentordays.office_urls")),
    path("admin/", admin.site.urls),
    path("api/", include("incubator.api_urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
