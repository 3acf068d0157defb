"""The managers' addresses beside the admin's own."""

from django.urls import path

from . import office_views

app_name = "deadlines_office"
urlpatterns = [
    path("", office_views.clocks, name="clocks"),
    path("clocks.<str:kind>", office_views.download, name="download"),
    path("send/", office_views.send, name="send"),
    path("evidence/<int:pk>/", office_views.evidence, name="evidence"),
]
