from django.urls import path

from . import booking_views as bookings
from . import calendar_views, views
from . import step_views as steps
from . import waiting_views as waiting

app_name = "consulting"

urlpatterns = [
    path("", views.home, name="home"),
    path("sessions/", views.sessions, name="sessions"),
    path("slots/<int:pk>/", views.book, name="book"),
    path("times/<str:key>/", views.book_time, name="book_time"),
    path("bookings/<int:pk>/", bookings.booking, name="booking"),
    path("bookings/<int:pk>/cancel/", bookings.cancel, name="cancel"),
    path("bookings/<int:pk>/rate/", bookings.rate, name="rate"),
    path("bookings/<int:pk>/notes/", bookings.notes, name="notes"),
    path("ledger/", steps.ledger, name="ledger"),
    path("steps/", steps.founders_steps, name="steps"),
    path("steps/<int:pk>/done/", steps.founders_done, name="step_done"),
    path("steps/<int:pk>/drop/", steps.founders_drop, name="step_drop"),
    path("reports/files/<int:pk>/", steps.report_file, name="report_file"),
    path("bookings/<int:pk>/move/", bookings.move, name="move"),
    path("bookings/<int:pk>/propose/", bookings.propose, name="propose"),
    path("proposals/<int:pk>/answer/", bookings.answer_proposal, name="answer"),
    path("files/<int:pk>/", bookings.file, name="file"),
    path("waiting/", waiting.join, name="wait"),
    path("waiting/<int:pk>/leave/", waiting.leave, name="leave"),
    path("offers/<int:pk>/", waiting.offer, name="offer"),
    path("offers/<int:pk>/pass/", waiting.pass_offer, name="pass_offer"),
    path("calendar/", calendar_views.founders, name="calendar"),
]
