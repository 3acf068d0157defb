"""The number fields behind the plan of a floor."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from .floorplan import GRID, Box
from .models import Space

LABELS = {"x": _("from the left"), "y": _("from the top"), "w": _("width"), "h": _("depth")}


@dataclass(frozen=True)
class Row:
    space: Space
    fields: Sequence[BoundField]


class LayoutForm(forms.Form):
    """Four numbers for each space of a floor; a space of which all four are empty is not on the plan."""

    def __init__(self, spaces: Sequence[Space], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.spaces = spaces
        for space in spaces:
            box = space.box
            for name, label in LABELS.items():
                self.fields[f"{name}-{space.pk}"] = forms.IntegerField(
                    label=f"{space.code}, {label}",
                    required=False,
                    min_value=1 if name in "wh" else 0,
                    max_value=GRID,
                    initial=getattr(box, name) if box else None,
                    widget=forms.NumberInput(attrs={"aria-label": f"{space.code}, {label}"}),
                )

    @property
    def rows(self) -> Iterator[Row]:
        for space in self.spaces:
            yield Row(space, [self[f"{name}-{space.pk}"] for name in LABELS])

    @property
    def has_unplaced(self) -> bool:
        return any(space.box is None for space in self.spaces)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self.boxes: dict[int, Box | None] = {}
        for space in self.spaces:
            found: list[Any] = [values.get(f"{name}-{space.pk}") for name in LABELS]
            missing = [name for name, value in zip(LABELS, found, strict=True) if value is None]
            if not missing:
                self.boxes[space.pk] = Box(*found)
            elif len(missing) == len(LABELS):
                self.boxes[space.pk] = None
            else:
                name = f"{missing[0]}-{space.pk}"
                if name not in self.errors:
                    self.add_error(name, _("Give all four numbers, or none to take the space off the plan."))
        return values
