from django.urls import path

from . import views

app_name = "compute"
urlpatterns = [
    path("", views.home, name="home"),
    path("jobs/", views.jobs, name="jobs"),
]
