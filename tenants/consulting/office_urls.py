from django.urls import path

from . import office_views as views

app_name = "honoraria"

urlpatterns = [
    path("", views.sheet, name="sheet"),
    path("close/", views.close, name="close"),
    path("<str:name>.<str:kind>", views.file, name="file"),
]
