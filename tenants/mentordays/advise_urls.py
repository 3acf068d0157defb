from django.urls import path

from . import advise_views

app_name = "advise_mentordays"
urlpatterns = [
    path("", advise_views.home, name="home"),
    path("<int:pk>/", advise_views.day, name="day"),
    path("<int:pk>/sheet.pdf", advise_views.sheet, name="sheet"),
]
