from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MentorDaysConfig(AppConfig):
    name = "tenants.mentordays"
    label = "mentordays"
    verbose_name = _("Mentor days")

    def ready(self) -> None:
        from incubator.common.icalendars import register_events
        from incubator.jobs.work import register_work

        from .events import meetings_of
        from .work import WORK

        register_events(meetings_of)
        register_work(WORK)
