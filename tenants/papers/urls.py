from django.urls import path

from . import views

app_name = "papers"

urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>.pdf", views.paper_file, name="file"),
]
