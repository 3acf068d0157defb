from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incubator.common.display import number, won
from incubator.common.forms import WonField

from .enums import KpiUnit
from .models import KpiDefinition


class ReportForm(forms.Form):
    """One field for each indicator, named by its code, with the figure of an earlier report as its help.

    A `draft` may leave figures out.
    """

    use_required_attribute = False  # the same form saves a draft

    def __init__(
        self,
        *args: Any,
        definitions: Iterable[KpiDefinition],
        earlier: Mapping[int, int],
        draft: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.codes: list[str] = []
        for definition in definitions:
            self.codes.append(definition.code)
            self.fields[definition.code] = _field_of(definition, earlier.get(definition.pk))
            self.fields[definition.code].required = not draft
        self.fields["note"] = forms.CharField(
            label=_("Note"),
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("What explains these figures, and where the evidence can be seen."),
        )

    @property
    def values(self) -> dict[str, int | None]:
        """Code of the indicator to its figure, as `services.save_report` takes them."""
        return {code: self.cleaned_data[code] for code in self.codes}


def _field_of(definition: KpiDefinition, earlier: int | None) -> forms.Field:
    label = f"{definition.display_name} ({definition.get_unit_display()})"
    help_text = ""
    if earlier is not None:
        shown = won(earlier) if definition.unit == KpiUnit.WON else number(earlier)
        help_text = _("Last time: %(figure)s") % {"figure": shown}
    if definition.unit == KpiUnit.WON:
        return WonField(label=label, help_text=help_text)
    return forms.IntegerField(label=label, min_value=0, max_value=1_000_000_000, help_text=help_text)
