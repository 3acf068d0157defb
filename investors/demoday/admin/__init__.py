"""The managers' side: plan a day, record wishes, compute, publish, repair, and the desk and board of the day itself."""

from .days import DemoDayAdmin
from .plans import PlanAdmin

__all__ = ["DemoDayAdmin", "PlanAdmin"]
