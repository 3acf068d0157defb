from django.urls import path

from . import views, wish_views

app_name = "matching"

urlpatterns = [
    path("", views.home, name="home"),
    path("wishes/", wish_views.home, name="wishes"),
    path("wishes/set/", wish_views.wish, name="wish"),
    path("wishes/apart/", wish_views.declare, name="declare"),
    path("wishes/apart/<int:pk>/end/", wish_views.end, name="end"),
    path("wishes/part/", wish_views.take_part, name="take_part"),
    path("introductions/<int:pk>/answer/", views.answer, name="answer"),
    path("consents/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
]
