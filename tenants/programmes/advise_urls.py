from django.urls import path

from . import advise_views as views

app_name = "teach"

urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.programme, name="programme"),
    path("<int:pk>/materials/add/", views.add_material, name="add_material"),
    path("meetings/<int:pk>/", views.meeting, name="meeting"),
    path("meetings/<int:pk>/record/", views.record, name="record"),
    path("meetings/<int:pk>/rest/", views.rest, name="rest"),
    path("materials/<int:pk>/", views.material, name="material"),
    path("materials/<int:pk>/remove/", views.remove_material, name="remove_material"),
]
