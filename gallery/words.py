"""What the editor's script says, in the reader's language: it has no words of its own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WORDS = {
    "ask": _("{gains} would see a part of the photo that is hidden from them now."),
    "keep": _("Keep it hidden"),
    "show": _("Show it"),
    "failed": _("That did not work. Nothing was changed: try again."),
    "gone": _("That region is not there any more. The step is left out."),
    "offline": _("No connection. Nothing was changed."),
    "nothing_undo": _("Nothing to undo."),
    "nothing_redo": _("Nothing to redo."),
    "undone": _("Undone: {what}."),
    "redone": _("Done again: {what}."),
    "drawn": _("drawn"),
    "moved": _("moved"),
    "removed": _("removed"),
    "shown": _("shown to everyone"),
    "changed": _("changed"),
    "same": _("same for all"),
    "region": _("Region {number}: {what}, {state}"),
    "hide": _("hidden from everyone"),
    "auto": _("by the rules"),
    "open": _("shown"),
    "too_small": _("That is too small: draw a larger one."),
    "polygon": _("Click each corner; Enter or a click on the first one ends it."),
    "box": _("Drag over what should be hidden."),
    "brush": _("Paint over what should be hidden. [ and ] change the brush."),
    "select": _("Choose a region to move, resize or change it."),
}
