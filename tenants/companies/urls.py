from django.http import HttpRequest, HttpResponse
from django.urls import path

app_name = "companies"


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path("", home, name="home")]
