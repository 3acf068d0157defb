from django.urls import path

from . import review_views as views

app_name = "review"
urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.review, name="review"),
    path("<int:pk>/conflict/", views.conflict, name="conflict"),
    path("<int:pk>/files/<int:file_id>/", views.file, name="file"),
]
