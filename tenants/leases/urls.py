from django.urls import path

from . import contract_pages, handover_views, plan_views, views

app_name = "leases"

urlpatterns = [
    path("", views.home, name="home"),
    path("plan/", plan_views.plan, name="plans"),
    path("plan/<int:floor_id>/", plan_views.plan, name="plan"),
    path("spaces/<int:space_id>/", plan_views.space, name="space"),
    path("spaces/photos/<int:photo_id>.webp", plan_views.photo, name="photo"),
    path("handover/", handover_views.handover, name="handover"),
    path("handover/<int:pk>.webp", handover_views.picture, name="handover_picture"),
    path("<int:lease_id>/extension/", views.extension, name="extension"),
    path("extension/<int:request_id>/withdraw/", views.withdraw, name="withdraw"),
    path("contract/", contract_pages.contract, name="contract"),
    path("contract/<int:contract_id>/", contract_pages.contract, name="contract_of"),
    path("contract/<int:contract_id>/pdf/", contract_pages.contract_pdf, name="contract_pdf"),
    path("<int:lease_id>/leave/", contract_pages.leave, name="leave"),
    path("leave/<int:ending_id>/withdraw/", contract_pages.withdraw_leave, name="withdraw_leave"),
]
