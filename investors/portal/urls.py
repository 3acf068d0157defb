from django.urls import path

from . import views

app_name = "invest"

urlpatterns = [
    path("", views.home, name="home"),
    path("companies/list/anonymous/", views.teaser_list, name="teasers"),
    path("companies/list/compare/", views.compare, name="compare"),
    path("portfolio/", views.portfolio, name="portfolio"),
    path("meetings.ics", views.calendar, name="calendar"),
    path("tables/<slug:name>.csv", views.table, name="table"),
    path("companies/", views.company_list, name="companies"),
    path("companies/<slug:slug>/", views.company_page, name="company"),
    path("companies/<slug:slug>/picture/", views.picture, name="picture"),
    path("matches/", views.match_list, name="matches"),
    path("schedule/", views.schedule, name="schedule"),
    path("link/<str:token>/", views.link, name="link"),
]
