from django.http import HttpRequest, HttpResponse
from django.urls import path

app_name = "invest"


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path("", home, name="home"), path("companies/", home, name="companies"), path("matches/", home, name="matches"), path("schedule/", home, name="schedule")]
