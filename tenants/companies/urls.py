from django.urls import path

from . import views

app_name = "companies"

urlpatterns = [
    path("", views.home, name="home"),
    path("edit/", views.edit, name="edit"),
    path("visibility/", views.visibility, name="visibility"),
    path("picture/", views.picture, name="picture"),
    path("invite/", views.invite_colleague, name="invite"),
    path("invitations/<int:pk>/revoke/", views.revoke, name="revoke_invitation"),
    path("members/<int:pk>/remove/", views.remove, name="remove_member"),
]
