"""HTTP and WebSockets. Sockets are accepted only from this site's own pages."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nopeek_site.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from feeds.routing import websocket_urlpatterns  # noqa: E402
from nopeek_site.bodies import BodyLimit  # noqa: E402
from nopeek_site.origins import SameOrigin  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(http),
        "websocket": SameOrigin(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
        ),
    }
)
