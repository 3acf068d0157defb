from django.urls import path

from .views import balance

app_name = "compute"
urlpatterns = [
    path("", balance.home, name="home"),
    path("jobs/", balance.jobs, name="jobs"),
]
