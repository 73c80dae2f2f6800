"""``{% why one %}``: the risk of one's own picture in words, and what is suggested."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from gallery import suggesting
from gallery.dossiers import Dossier

register = template.Library()


@register.inclusion_tag("privacy/_why.html", takes_context=True)
def why(context: RequestContext, one: Dossier) -> dict[str, Any]:
    """For the owner's dossier of one picture; nothing while it is not settled."""
    scan = one.scan if one.settled else None
    return {
        "one": one,
        "told": suggesting.told(scan) if scan else None,
        "usual": suggesting.as_usual(scan) if scan else [],
        "csrf_token": context.get("csrf_token"),
    }
