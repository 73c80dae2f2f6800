"""Words about links, for their owner."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from gallery.shared_models import Link
from privacy.core.types import Tier

register = template.Library()


@register.filter
def shows(link: Link) -> str:
    """Whose version a link shows."""
    return {
        Tier.FULL: _("as strangers see it"),
        Tier.SEMI: _("as followers see it"),
        Tier.NONE: _("as close friends see it"),
    }[Tier(link.tier)]
