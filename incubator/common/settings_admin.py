from django.contrib import admin
from django.http import HttpRequest

from .admin import ServiceModelAdmin
from .models import CampSettings


@admin.register(CampSettings)
class CampSettingsAdmin(ServiceModelAdmin):
    """One row, changed by the director."""

    may_add = False
    list_display = ("name", "operator_name_ko", "consulting_hours_per_quarter")

    def has_delete_permission(self, request: HttpRequest, obj: CampSettings | None = None) -> bool:
        return False
