from django.urls import path

from .views import balance, requests

app_name = "compute"
urlpatterns = [
    path("", balance.home, name="home"),
    path("jobs/", balance.jobs, name="jobs"),
    path("requests/", requests.requests, name="requests"),
    path("requests/new/", requests.new_request, name="request_new"),
    path("requests/<int:pk>/", requests.request_page, name="request"),
    path("requests/<int:pk>/withdraw/", requests.withdraw_request, name="request_withdraw"),
    path("notices/<int:pk>/", requests.notice, name="notice"),
    path("rules/", requests.credit_rules, name="rules"),
]
