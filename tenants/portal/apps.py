from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "tenants.portal"
    label = "portal"
    verbose_name = _("Founders' portal")

    def ready(self) -> None:
        from tenants.helpdesk.places import register_places

        from .places import own_places

        register_places(own_places)
