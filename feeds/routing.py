"""Addresses of sockets."""

from typing import Any

from django.urls import path

from feeds.consumers import Live

_live: Any = Live.as_asgi()  # the stubs know views of HTTP alone
websocket_urlpatterns = [path("ws/live", _live)]
