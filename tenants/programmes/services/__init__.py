"""Writes of programmes. One mutation each, for page, admin, API and task alike."""

from .attending import add_material, record_attendance, record_rest_present, remove_material
from .certificates import issue_all, issue_certificate
from .meetings import call_off_meeting, change_meeting, plan_meeting
from .programmes import (
    call_off_programme,
    change_programme,
    create_programme,
    move_on,
    publish_programme,
)
from .sign_ups import leave, sign_up

__all__ = [
    "add_material",
    "call_off_meeting",
    "call_off_programme",
    "change_meeting",
    "change_programme",
    "create_programme",
    "issue_all",
    "issue_certificate",
    "leave",
    "move_on",
    "plan_meeting",
    "publish_programme",
    "record_attendance",
    "record_rest_present",
    "remove_material",
    "sign_up",
]
