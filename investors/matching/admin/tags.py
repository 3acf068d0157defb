"""The list of technologies, and the words that it does not know yet."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ServiceModelAdmin
from incubator.common.errors import DomainError
from incubator.common.sheets.admin import SheetUploadMixin
from incubator.common.verbs import NoForm, verb_page
from investors.firms import selectors, tagging
from investors.firms.admin.inlines import KeywordsField, WrittenByService
from investors.firms.loaders import TagLoader
from investors.firms.models import Tag
from investors.firms.vocabulary import composed, key_of
from investors.matching.unknown_words import unknown_words

_PAGE = 50


class TagForm(WrittenByService):
    synonyms = KeywordsField(
        label=_("Also written"),
        help_text=_("Korean or English, parted by commas. A word belongs to one tag only."),
    )

    class Meta:
        model = Tag
        fields = ("code", "ko", "en", "parent")
        widgets = dict.fromkeys(("code", "ko", "en"), UnfoldAdminTextInputWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tag = self.instance
        if tag.pk:
            names = {key_of(tag.ko), key_of(tag.en)}
            self.initial.setdefault(
                "synonyms", [word.word for word in tag.words.all() if word.key not in names]
            )


@admin.register(Tag)
class TagAdmin(SheetUploadMixin, ServiceModelAdmin):
    loader_class = TagLoader
    write_groups = (StaffGroup.MATCHING,)
    form = TagForm
    list_display = ("code", "ko", "en", "parent", "shown_words")
    list_display_links = ("code",)
    search_fields = ("code", "ko", "en", "words__word")
    actions_list = ["words"]
    actions_detail = ("remove",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        tags = selectors.tags_for(request.user).select_related("parent").prefetch_related("words")
        return tags.order_by("code")

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A word of the other page comes as the name in its own language."""
        word = composed(request.GET.get("word", ""))[:60]
        return {("ko" if any("가" <= letter <= "힣" for letter in word) else "en"): word} if word else {}

    @display(description=_("words"))
    def shown_words(self, tag: Tag) -> str:
        return ", ".join(word.word for word in tag.words.all())

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        tag = selectors.tags_for(request.user).get(pk=obj.pk) if change else Tag()
        tagging.keep_tag(tag=tag, **form.cleaned_data, actor=request.user)
        obj.__dict__.update(tag.__dict__)

    @action(description=_("Take off the list"), url_path="remove", permissions=["verb"], icon="delete")
    def remove(self, request: HttpRequest, object_id: int) -> HttpResponse:
        tag = get_object_or_404(selectors.tags_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            form_class=NoForm,
            title=_("Take “%(tag)s” off the list") % {"tag": tag},
            explanation=_(
                "Its words stand for nothing then, and the next run does not count them. Runs that are kept stay as they are."
            ),
            button=_("Take it off the list"),
            done=_("The tag is off the list."),
            perform=lambda values: tagging.remove_tag(tag=tag, actor=request.user),
        )

    @action(description=_("Words not on the list"), url_path="words", icon="spellcheck")
    def words(self, request: HttpRequest) -> HttpResponse:
        """Words of profiles and mandates without a tag: give one to a tag, make a tag of it, or put it aside."""
        if request.method == "POST":
            return self._sort_word(request)
        page = Paginator(unknown_words(), _PAGE).get_page(request.GET.get("page", "")[:9])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Words not on the list"),
            "page": page,
            "tags": sorted(selectors.tags_for(request.user), key=str),
            "writes": self._writes(request),
            "add_url": reverse("admin:firms_tag_add"),
        }
        return TemplateResponse(request, "admin/matching/words.html", context)

    def _sort_word(self, request: HttpRequest) -> HttpResponse:
        if not self._writes(request):
            raise PermissionDenied
        form = WordForm(request.POST, tags=selectors.tags_for(request.user))
        if form.is_valid():
            word, tag = form.cleaned_data["word"], form.cleaned_data["tag"]
            try:
                with transaction.atomic():
                    if tag is None:
                        tagging.ignore_word(word=word, actor=request.user, now=timezone.now())
                        said = gettext("“%(word)s” is put aside.") % {"word": word}
                    else:
                        tagging.add_synonym(tag=tag, word=word, actor=request.user)
                        said = gettext("“%(word)s” stands for “%(tag)s” from now on.") % {
                            "word": word,
                            "tag": tag,
                        }
                messages.success(request, said)
            except DomainError as error:
                messages.error(request, str(error))
        else:
            messages.error(request, gettext("Choose the tag that the word stands for."))
        query = urlencode({"page": request.POST.get("page", "")[:9]})
        return redirect(f"{reverse('admin:firms_tag_words')}?{query}")


class WordForm(forms.Form):
    word = forms.CharField(max_length=60)
    tag = forms.ModelChoiceField(Tag.objects.none(), required=False)
    aside = forms.BooleanField(required=False)

    def __init__(self, *args: Any, tags: QuerySet[Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tag"].queryset = tags  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if bool(values.get("tag")) == bool(values.get("aside")):
            raise forms.ValidationError("one of both")
        return values
