"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _


def shell(request: HttpRequest) -> dict[str, Any]:
    """``here``: the name of the view. ``script_words``: what scripts say (static/js/words.js).

    ``sends_mail``: whether there are addresses to speak of.
    """
    match = request.resolver_match
    return {
        "here": match.view_name if match else "",
        "script_words": script_words,
        "sends_mail": settings.NOPEEK_SENDS_MAIL,
    }


def script_words() -> dict[str, str]:
    """Sentences of the scripts, by key; {name} and {most} are filled in there."""
    return {
        "gone": _("That is not there any more."),
        "slow": _("That was a lot at once. Wait a moment."),
        "failed": _("That did not work. Try again."),
        "unreached": _("No connection. Nothing was lost."),
        "kind": _("{name}: this kind of file is not taken."),
        "large": _("{name}: larger than {most} MB."),
        "empty": _("{name}: the file is empty."),
        "many": _("A post holds at most {most} photos; the first {most} are taken."),
        "refused": _("it could not be taken."),
        "broke": _("the connection broke. Choose it again."),
        "arrived": _("Arrived"),
        "cancel": _("Cancel"),
        "sealed": _("Still sealed. It opens when {name} lets you closer."),
        "unsealed": _("Opened. It is sealed again when you leave."),
    }
