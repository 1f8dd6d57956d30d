"""The door for every server: HTTP goes to Django, WebSockets go to the journal."""

import os
from typing import cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

http = get_asgi_application()

# Models can be imported only now that Django is set up.
from journal.consumer import consumer
from journal.waiting import Application, patient


async def lifespan(scope, receive, send):  # type: ignore[no-untyped-def]
    """Say yes to servers that announce their start and end; open sockets are closed as they are cancelled."""
    while (await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


application = ProtocolTypeRouter(
    {"http": patient(cast(Application, http)), "websocket": consumer, "lifespan": lifespan}
)
