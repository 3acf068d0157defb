from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammesConfig(AppConfig):
    name = "tenants.programmes"
    label = "programmes"
    verbose_name = _("Programmes")

    def ready(self) -> None:
        from incubator.common.icalendars import register_events

        from .events import meetings_of

        register_events(meetings_of)
