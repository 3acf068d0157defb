from django.urls import path

from . import advise_views as views
from . import booking_views, calendar_views, office_views, report_views
from . import hours_views as hours
from . import step_views as steps

app_name = "advise"

urlpatterns = [
    path("", views.home, name="home"),
    path("slots/open/", views.open_slots, name="open"),
    path("slots/<int:pk>/", views.slot, name="slot"),
    path("bookings/<int:pk>/", views.booking, name="booking"),
    path("bookings/<int:pk>/attendance/", views.attendance, name="attendance"),
    path("bookings/<int:pk>/report/", report_views.report, name="report"),
    path("bookings/<int:pk>/prepare/", report_views.prepare, name="prepare"),
    path("steps/", steps.advisers_steps, name="steps"),
    path("steps/<int:pk>/done/", steps.advisers_done, name="step_done"),
    path("steps/<int:pk>/drop/", steps.advisers_drop, name="step_drop"),
    path("reports/files/<int:pk>/", steps.report_file, name="report_file"),
    path("bookings/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("bookings/<int:pk>/approve/", views.approve, name="approve"),
    path("bookings/<int:pk>/decline/", views.decline, name="decline"),
    path("bookings/<int:pk>/move/", views.move, name="move"),
    path("bookings/<int:pk>/propose/", views.propose, name="propose"),
    path("proposals/<int:pk>/answer/", views.answer_proposal, name="answer"),
    path("files/<int:pk>/", booking_views.file, name="file"),
    path("hours/", hours.hours, name="hours"),
    path("hours/<int:pk>/end/", hours.end, name="end_hours"),
    path("hours/terms/", hours.terms, name="terms"),
    path("away/", hours.away, name="away"),
    path("away/extra/", hours.extra, name="extra"),
    path("away/<int:pk>/remove/", hours.remove, name="remove_exception"),
    path("honorarium/", office_views.own, name="honorarium"),
    path("calendar/", calendar_views.advisers, name="calendar"),
    path("calendar/busy/", hours.external, name="external"),
]
