from django.urls import path

from . import handover_views, views

app_name = "leases"

urlpatterns = [
    path("", views.home, name="home"),
    path("handover/", handover_views.handover, name="handover"),
    path("handover/<int:pk>.webp", handover_views.picture, name="handover_picture"),
    path("<int:lease_id>/extension/", views.extension, name="extension"),
    path("extension/<int:request_id>/withdraw/", views.withdraw, name="withdraw"),
]
