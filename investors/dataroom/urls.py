from django.urls import path

from . import views

app_name = "dataroom"

urlpatterns = [
    path("", views.home, name="home"),
    path("folders/<int:pk>/", views.folder, name="folder"),
    path("folders/<int:pk>/remove/", views.remove_folder, name="remove_folder"),
    path("upload/", views.upload, name="upload"),
    path("documents/<int:pk>/", views.document, name="document"),
    path("documents/<int:pk>/version/", views.add_version, name="add_version"),
    path("documents/<int:pk>/change/", views.change, name="change"),
    path("documents/<int:pk>/put-away/", views.put_away, name="put_away"),
    path("documents/<int:pk>/take-out/", views.take_out, name="take_out"),
    path("versions/<int:pk>/file/", views.file, name="file"),
    path("access/", views.access, name="access"),
    path("access/<int:pk>/", views.access_of, name="access_of"),
    path("as/<int:pk>/", views.as_firm, name="as_firm"),
    path("as/<int:pk>/<int:document_id>/", views.as_firm_document, name="as_firm_document"),
    path("as/<int:pk>/<int:document_id>/<int:page>/", views.as_firm_picture, name="as_firm_picture"),
    path("views/", views.views, name="views"),
]
