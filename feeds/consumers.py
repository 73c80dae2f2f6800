"""``/ws/live``: tells an open page that something is new, never what it is.

A message is a type, an id and a version. Before each, the login is checked anew and
the one door is asked for this very person; what they may not see makes no sound. Who
is demoted, blocked or let in hears the same "feed.changed" as of any new post.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.http import Http404, HttpRequest

from accounts.models import User
from feeds.groups import group_of
from gallery.access import access_own_media, access_post

LOGGED_OUT = 4401
NOT_ALLOWED = 4403
NOT_UNDERSTOOD = 4400
CHECK_SECONDS = 20
"""How often a silent socket's login is checked, for logins that end without a word."""

OWN = frozenset({"media.stage", "media.ready", "export.ready"})
FEED = frozenset({"post.published", "post.changed"})


class Live(AsyncWebsocketConsumer):
    """One open page of one person."""

    group = ""
    watch: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        user, code = None, NOT_UNDERSTOOD
        # Nothing secret belongs in an address, so nothing is taken from there.
        if not self.scope.get("query_string"):
            user, code = await self._login()
        if user is None:
            await self.accept()  # a refused handshake could not say why
            await self.close(code)
            return
        self.group = group_of(user.public_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        self.watch = asyncio.create_task(self._keep_checking())

    async def disconnect(self, code: int) -> None:
        if self.watch is not None:
            self.watch.cancel()
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        """Pages have nothing to say here; whoever talks is cut off, unread."""
        await self.close(NOT_UNDERSTOOD)

    async def nudge(self, event: dict[str, Any]) -> None:
        """An event of the site, from ``feeds.notify``."""
        user, code = await self._login()
        if user is None:
            await self.close(code)
            return
        message = await database_sync_to_async(message_for)(user, event)
        if message is not None:
            await self.send(json.dumps(message))

    async def _login(self) -> tuple[User | None, int]:
        key = self.scope["session"].session_key
        return await database_sync_to_async(login_of)(key)

    async def _keep_checking(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(CHECK_SECONDS)
                user, code = await self._login()
                if user is None:
                    await self.close(code)
                    return


class _Glance(dict[str, Any]):
    """What a session holds, to be looked at: ``get_user`` may not end it from here.

    While a password is being changed, the session that changes it does not fit either
    for a moment.
    """

    def flush(self) -> None: ...

    def cycle_key(self) -> None: ...


def login_of(session_key: str | None) -> tuple[User | None, int]:
    """Whose login the session is now, else None and the code to close with."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    glance = _Glance(store.items())
    # get_user asks nothing but the session: key, backend and hash of the password.
    user = get_user(cast("HttpRequest", SimpleNamespace(session=glance)))
    if isinstance(user, User) and user.is_present:
        return user, 0
    claimed = glance.get(SESSION_KEY)
    known = User.objects.filter(pk=claimed).first() if claimed else None
    return None, NOT_ALLOWED if known and not known.is_present else LOGGED_OUT


def message_for(user: User, event: dict[str, Any]) -> dict[str, Any] | None:
    """What the page of ``user`` hears of an event; None: nothing."""
    name, subject = event["name"], event["id"]
    try:
        if name.startswith("media."):
            access_own_media(user, uuid.UUID(subject))
        elif name in FEED:
            access_post(user, uuid.UUID(subject))
    except Http404:
        return None
    if name in OWN:
        return {"type": name, "id": subject, "version": event["version"]}
    if name in FEED or name == "relation.changed":
        return {"type": "feed.changed", "id": "", "version": 0}
    if name == "notification":
        return {"type": name, "id": "", "version": 0}
    return None
