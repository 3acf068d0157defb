from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    name = "investors.matching"
    label = "matching"
    verbose_name = _("Matching")

    def ready(self) -> None:
        from investors.firms.panels import register_teller

        from .jobs import register
        from .telling import facts_about_firm

        register()
        register_teller(facts_about_firm)
