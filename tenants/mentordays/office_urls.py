"""The managers' addresses beside the admin's own."""

from django.urls import path

from . import office_timetables as timetables
from . import office_views as views

app_name = "mentordays_office"
urlpatterns = [
    path("<int:pk>/", views.day, name="day"),
    path("<int:pk>/invite/", views.invite, name="invite"),
    path("<int:pk>/<str:kind>/<int:part>/", views.part, name="part"),
    path("<int:pk>/wishes/", views.wishes, name="wishes"),
    path("<int:pk>/wishes/<str:side>/<int:party>/", views.on_behalf, name="on_behalf"),
    path("<int:pk>/call-off/", views.call_off, name="call_off"),
    path("<int:pk>/timetable/", timetables.timetable, name="timetable"),
    path("<int:pk>/compute/", timetables.compute, name="compute"),
    path("versions/<int:pk>/", timetables.version, name="version"),
    path("versions/<int:pk>/lock/", timetables.lock, name="lock"),
    path("versions/<int:pk>/publish/", timetables.publish, name="publish"),
    path("<int:pk>/repair/", timetables.repair, name="repair"),
    path("<int:pk>/now/", timetables.now, name="now"),
    path("<int:pk>/sheets.pdf", timetables.all_sheets, name="sheets"),
    path("<int:pk>/sheets/<str:side>/<int:party>.pdf", timetables.one_sheet, name="sheet"),
]
