from django.urls import path

from .views import balance, requests, statements

app_name = "compute"
urlpatterns = [
    path("", balance.home, name="home"),
    path("usage/", balance.usage, name="usage"),
    path("storage/", balance.stored, name="storage"),
    path("jobs/", balance.jobs, name="jobs"),
    path("statements/", statements.months, name="statements"),
    path("statements/<str:month>/", statements.statement, name="statement"),
    path("statements/<str:month>.<str:kind>", statements.download, name="statement_file"),
    path("requests/", requests.requests, name="requests"),
    path("requests/new/", requests.new_request, name="request_new"),
    path("requests/<int:pk>/", requests.request_page, name="request"),
    path("requests/<int:pk>/withdraw/", requests.withdraw_request, name="request_withdraw"),
    path("notices/<int:pk>/", requests.notice, name="notice"),
    path("rules/", requests.credit_rules, name="rules"),
]
