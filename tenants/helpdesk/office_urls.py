"""The managers' addresses beside the admin's own."""

from django.urls import path

from . import office_views

app_name = "helpdesk_office"
urlpatterns = [
    path("<int:pk>/", office_views.photo, name="photo"),
]
