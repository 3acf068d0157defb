from django.urls import path

from . import compute_views, helpdesk_views, views

app_name = "reporting"
urlpatterns = [
    path("residents.<str:kind>", views.residents, name="residents"),
    path("requests/", helpdesk_views.numbers, name="helpdesk"),
    path("requests.<str:kind>", helpdesk_views.download, name="helpdesk_download"),
    path("compute/", compute_views.report, name="compute"),
    path("compute/companies/", compute_views.companies, name="compute_companies"),
    path("compute/<str:name>.<str:kind>", compute_views.download, name="compute_download"),
]
