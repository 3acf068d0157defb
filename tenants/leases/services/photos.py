"""Photographs of spaces, in the order in which they are shown."""

from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max

from incubator.common.errors import NotAllowed, validate
from incubator.common.uploads import checked_picture
from tenants.leases.errors import TooManyPhotos
from tenants.leases.models import Space, SpacePhoto
from tenants.leases.rules import may_manage_leases

MOST_PHOTOS = 12
EDGE = 1600


@transaction.atomic
def add_photo(*, space: Space, file: Any, alt: str, caption: str = "", actor: Any) -> SpacePhoto:
    """Keep a photograph as the last of the space's; `alt` says in words what it shows.

    Raises PictureTooLarge, PictureTooWide, NotAPicture, TooManyPhotos, Invalid.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    picture = checked_picture(file, edge=EDGE)
    Space.objects.select_for_update(no_key=True).get(pk=space.pk)
    known = SpacePhoto.objects.filter(space=space)
    if known.count() >= MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    last = known.aggregate(last=Max("position"))["last"] or 0
    photo = SpacePhoto(space=space, alt=alt.strip(), caption=caption.strip(), position=last + 1)
    photo.file.save(str(picture.name), picture, save=False)
    try:
        validate(photo)
        photo.save()
    except BaseException:
        default_storage.delete(str(photo.file.name))
        raise
    return photo


@transaction.atomic
def describe_photo(*, photo: SpacePhoto, alt: str, caption: str, actor: Any) -> SpacePhoto:
    """Change its words. Raises Invalid."""
    if not may_manage_leases(actor):
        raise NotAllowed
    photo.alt, photo.caption = alt.strip(), caption.strip()
    validate(photo)
    photo.save(update_fields=["alt", "caption", "updated_at"])
    return photo


@transaction.atomic
def order_photos(*, space: Space, first: SpacePhoto, actor: Any) -> list[SpacePhoto]:
    """Show `first` before the others, which keep their order; returns all of them as they are shown now."""
    if not may_manage_leases(actor):
        raise NotAllowed
    Space.objects.select_for_update(no_key=True).get(pk=space.pk)
    photos = list(SpacePhoto.objects.filter(space=space).order_by("position", "pk"))
    photos.sort(key=lambda photo: photo.pk != first.pk)
    for position, photo in enumerate(photos, start=1):
        photo.position = position
    SpacePhoto.objects.bulk_update(photos, ["position"])
    return photos


@transaction.atomic
def remove_photo(*, photo: SpacePhoto, actor: Any) -> None:
    """Take it away, its file too; that it was there stays in the history."""
    if not may_manage_leases(actor):
        raise NotAllowed
    name = str(photo.file.name)
    photo.delete()
    transaction.on_commit(lambda: default_storage.delete(name))
