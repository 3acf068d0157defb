from django.urls import path

from . import views

app_name = "helpdesk"
urlpatterns = [
    path("", views.home, name="home"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.detail, name="request"),
    path("<int:pk>/comment/", views.comment, name="comment"),
    path("<int:pk>/solved/", views.solved, name="solved"),
    path("<int:pk>/unsolved/", views.unsolved, name="unsolved"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("photos/<int:pk>/", views.photo, name="photo"),
]
