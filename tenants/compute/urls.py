from django.urls import path

from .views import balance, statements

app_name = "compute"
urlpatterns = [
    path("", balance.home, name="home"),
    path("usage/", balance.usage, name="usage"),
    path("storage/", balance.stored, name="storage"),
    path("jobs/", balance.jobs, name="jobs"),
    path("statements/", statements.months, name="statements"),
    path("statements/<str:month>/", statements.statement, name="statement"),
    path("statements/<str:month>.<str:kind>", statements.download, name="statement_file"),
]
