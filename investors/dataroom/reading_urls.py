from django.urls import path

from . import reading

app_name = "reading"

urlpatterns = [
    path("", reading.home, name="home"),
    path("<int:pk>/", reading.document, name="document"),
    path("<int:pk>/pages/<int:page>/", reading.picture, name="picture"),
    path("<int:pk>/file/", reading.file, name="file"),
    path("sign/<str:token>/", reading.sign, name="sign"),
]
