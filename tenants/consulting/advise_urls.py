from django.urls import path

from . import advise_views as views

app_name = "advise"

urlpatterns = [
    path("", views.home, name="home"),
    path("slots/open/", views.open_slots, name="open"),
    path("slots/<int:pk>/", views.slot, name="slot"),
    path("bookings/<int:pk>/", views.booking, name="booking"),
    path("bookings/<int:pk>/attendance/", views.attendance, name="attendance"),
    path("bookings/<int:pk>/report/", views.report, name="report"),
    path("bookings/<int:pk>/cancel/", views.cancel, name="cancel"),
]
