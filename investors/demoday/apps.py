from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoDayConfig(AppConfig):
    name = "investors.demoday"
    label = "demoday"
    verbose_name = _("Demo days")

    def ready(self) -> None:
        from incubator.common.icalendars import register_events

        from .computing import register
        from .events import meetings_of

        register()
        register_events(meetings_of)
