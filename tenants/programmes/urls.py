from django.urls import path

from . import views

app_name = "programmes"

urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.programme, name="programme"),
    path("<int:pk>/sign-up/", views.sign_up, name="sign_up"),
    path("sign-ups/<int:pk>/leave/", views.leave, name="leave"),
    path("sign-ups/<int:pk>/certificate/", views.certificate, name="certificate"),
    path("materials/<int:pk>/", views.material, name="material"),
]
