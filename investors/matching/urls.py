from django.urls import path

from . import views

app_name = "matching"

urlpatterns = [
    path("", views.home, name="home"),
    path("introductions/<int:pk>/answer/", views.answer, name="answer"),
    path("consents/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
]
