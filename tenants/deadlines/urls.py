from django.urls import path

from . import views

app_name = "deadlines"
urlpatterns = [
    path("", views.home, name="home"),
    path("calendar.ics", views.calendar, name="calendar"),
    path("duties/<int:kind_id>/", views.duty, name="duty"),
    path("evidence/<int:pk>/", views.evidence, name="evidence"),
    path("reminders/", views.reminders, name="reminders"),
    path("reminders/switch/", views.switch, name="switch"),
]
