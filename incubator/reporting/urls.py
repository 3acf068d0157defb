from django.urls import path

from . import (
    compute_views,
    consulting_views,
    helpdesk_views,
    matching_views,
    space_views,
    views,
)

app_name = "reporting"
urlpatterns = [
    path("residents.<str:kind>", views.residents, name="residents"),
    path("requests/", helpdesk_views.numbers, name="helpdesk"),
    path("requests.<str:kind>", helpdesk_views.download, name="helpdesk_download"),
    path("occupancy/", space_views.occupancy, name="occupancy"),
    path("occupancy/<str:name>.<str:kind>", space_views.occupancy_file, name="occupancy_file"),
    path("waived/", space_views.waived, name="waived"),
    path("waived/<str:name>.<str:kind>", space_views.waived_file, name="waived_file"),
    path("matching/", matching_views.report, name="matching"),
    path("matching/<slug:part>/", matching_views.report, name="matching_part"),
    path("matching/<slug:name>.<str:kind>", matching_views.download, name="matching_download"),
    path("consulting/", consulting_views.numbers, name="consulting"),
    path("consulting/list/", consulting_views.listed, name="consulting_list"),
    path("consulting/<str:name>.<str:kind>", consulting_views.download, name="consulting_download"),
    path("compute/", compute_views.report, name="compute"),
    path("compute/companies/", compute_views.companies, name="compute_companies"),
    path("compute/<str:name>.<str:kind>", compute_views.download, name="compute_download"),
]
