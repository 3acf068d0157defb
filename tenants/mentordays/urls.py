from django.urls import path

from . import views

app_name = "mentordays"
urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.day, name="day"),
    path("<int:pk>/sheet.pdf", views.sheet, name="sheet"),
]
