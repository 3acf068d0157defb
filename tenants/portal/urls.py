from django.urls import path

from . import paper_views, views

app_name = "portal"

urlpatterns = [
    path("", views.home, name="home"),
    path("statement/", views.statement, name="statement"),
    path("statement/paper/", paper_views.support, name="support_paper"),
    path("lease/certificate/", paper_views.residency, name="residency_paper"),
]
