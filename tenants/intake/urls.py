from django.urls import path

from . import views

app_name = "intake"
urlpatterns = [
    path("", views.home, name="home"),
    path("mine/", views.mine, name="mine"),
    path("mine/save/", views.autosave, name="autosave"),
    path("mine/files/<int:pk>/", views.own_file, name="own_file"),
    path("mine/documents/", views.add_document, name="add_document"),
    path("mine/withdraw/", views.withdraw, name="withdraw"),
    path("mine/decline/", views.decline, name="decline"),
    path("mine/leave/", views.leave, name="leave"),
    path("link/<str:secret>/", views.enter, name="enter"),
    path("<slug:slug>/", views.call_page, name="call"),
    path("<slug:slug>/files/<int:pk>/", views.call_file, name="call_file"),
]
