from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DataRoomConfig(AppConfig):
    name = "investors.dataroom"
    label = "dataroom"
    verbose_name = _("Data rooms")
