from django.urls import path

from . import views

app_name = "verify"

urlpatterns = [
    path("", views.verify, name="home"),
    path("<str:code>/", views.verify_code, name="code"),
]
