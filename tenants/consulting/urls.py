from django.urls import path

from . import views

app_name = "consulting"

urlpatterns = [
    path("", views.home, name="home"),
    path("sessions/", views.sessions, name="sessions"),
    path("slots/<int:pk>/", views.book, name="book"),
    path("bookings/<int:pk>/", views.booking, name="booking"),
    path("bookings/<int:pk>/cancel/", views.cancel, name="cancel"),
]
