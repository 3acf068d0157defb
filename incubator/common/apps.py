from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "incubator.common"
    label = "common"
    verbose_name = _("Camp")

    def ready(self) -> None:
        # Every process sends tasks through this application, not through Celery's default one.
        import incubator.celery
        import incubator.common.api_schema  # noqa: F401


class CampAdminConfig(AdminConfig):
    default_site = "incubator.common.admin.CampAdminSite"

    def ready(self) -> None:
        super().ready()
        # Not in common.admin, which the site itself is imported from.
        import incubator.common.settings_admin  # noqa: F401
