"""The owner's newest photo, to show on other pages how each lane sees it."""

from __future__ import annotations

from django import template

from accounts.models import User
from gallery.access import own_media, own_media_grants
from gallery.grants import Grant
from gallery.states import State

register = template.Library()


@register.simple_tag
def newest_photo(user: User) -> Grant | None:
    """The owner's Grant for their newest published photo, or None without one."""
    published = own_media(user).filter(
        state=State.READY, post__published_at__isnull=False
    )
    grants = own_media_grants(user, published.order_by("-pk")[:1])
    return grants[0] if grants else None
