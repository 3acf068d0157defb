from django.urls import path

from . import views

app_name = "reporting"
urlpatterns = [path("residents.<str:kind>", views.residents, name="residents")]
