from django.urls import path

from .views import balance

app_name = "compute"
urlpatterns = [
    path("", balance.home, name="home"),
    path("usage/", balance.usage, name="usage"),
    path("storage/", balance.stored, name="storage"),
    path("jobs/", balance.jobs, name="jobs"),
]
