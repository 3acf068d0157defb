from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "incubator.common"
    label = "common"
    verbose_name = _("Camp")

    def ready(self) -> None:
        # Every process sends tasks through this application, not through Celery's default one.
        import incubator.celery  # noqa: F401


class CampAdminConfig(SimpleAdminConfig):
    default_site = "incubator.common.admin.CampAdminSite"
