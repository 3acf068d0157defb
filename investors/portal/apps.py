from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvestorPortalConfig(AppConfig):
    name = "investors.portal"
    label = "invest"
    verbose_name = _("Investors' pages")
