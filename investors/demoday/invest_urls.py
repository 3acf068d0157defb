from django.urls import path

from . import invest_views as views

app_name = "demoday_invest"

urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.day, name="day"),
    path("<int:pk>/sheet.pdf", views.sheet, name="sheet"),
    path("<int:pk>/meetings.ics", views.calendar, name="calendar"),
    path("<int:pk>/meetings.csv", views.table, name="table"),
]
