"""Posts for tests of who sees what: rows that stand as ready, without pixels."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from gallery.models import Media, Post, TierView
from privacy.core.version import RENDERER_VERSION


def shown_post(
    owner: User,
    audience: str = "everyone",
    *,
    pictures: int = 1,
    state: str = "ready",
    published: bool = True,
    caption: str = "",
    at: datetime | None = None,
) -> Post:
    """A post whose media stand in the rows as ready (or in ``state``).

    There are no bytes behind them: for tests of who sees what, not of pixels.
    """
    post = Post.objects.create(
        owner=owner,
        audience=audience,
        caption=caption,
        published_at=(at or timezone.now()) if published else None,
    )
    for position in range(pictures):
        media = Media.objects.create(
            owner=owner,
            post=post,
            position=position,
            state=state,
            width=640,
            height=480,
            alt_text="A desk with a letter",
            alt_masked="A desk",
            mask_secret=secrets.token_bytes(32),
            upload_digest=secrets.token_hex(32),
        )
        TierView.objects.bulk_create(
            TierView(
                media=media,
                tier=tier,
                plan=secrets.token_hex(32),
                renderer=RENDERER_VERSION,
                masked=2 - tier,
                ready=state == "ready",
            )
            for tier in (0, 1, 2)
        )
    return post
