from django.urls import path

from . import views

app_name = "leases"

urlpatterns = [
    path("", views.home, name="home"),
    path("<int:lease_id>/extension/", views.extension, name="extension"),
    path("extension/<int:request_id>/withdraw/", views.withdraw, name="withdraw"),
]
