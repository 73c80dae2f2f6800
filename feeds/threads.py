"""What is said below a post, replies below what they answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.relations import Viewer, viewer_pk
from feeds.models import Comment
from feeds.timeline import comments_on
from gallery.access import PostGrant

MOST = 200
"""Comments shown at once; the newest ones where there are more."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment with its replies, and whether the viewer may remove it."""

    comment: Comment
    removable: bool
    replies: list[Remark] = field(default_factory=list)


def threads(viewer: Viewer, grant: PostGrant) -> list[Remark]:
    """The visible comments on a post in one query, oldest first."""
    newest = comments_on(viewer, grant).order_by("-created_at", "-pk")[:MOST]
    me = viewer_pk(viewer)
    tops: dict[int, Remark] = {}
    for row in reversed(newest):
        remark = Remark(row, grant.mine or row.author_id == me)
        if row.parent_id is None:
            tops[row.pk] = remark
        elif row.parent_id in tops:
            tops[row.parent_id].replies.append(remark)
    return list(tops.values())
