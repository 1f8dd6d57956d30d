"""The consumer of the Channels tutorial, plain or storing each message with objects.create; in-memory layer, daphne.

python channels_tutorial.py PORT [DATABASE_URL]
"""

from __future__ import annotations

import json
import sys
from urllib.parse import urlsplit

import django
from django.conf import settings

PORT, DATABASE = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""


def _database(url: str) -> dict[str, object]:
    """Return Django's own settings for the database, but such that a commit waits for the disk, as ours do."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path[1:], "OPTIONS": options}
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "USER": parts.username,
        "HOST": parts.hostname, "PORT": parts.port,
    }  # fmt: skip


settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
    DATABASES={"default": _database(DATABASE)} if DATABASE else {},
    USE_TZ=True,
)
django.setup()

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.urls import re_path  # noqa: E402


class Message(models.Model):  # noqa: DJ008 - as a tutorial has it
    """A message of the storing variant."""

    room = models.CharField(max_length=80, db_index=True)
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bench"


class ChatConsumer(AsyncWebsocketConsumer):
    """As in the tutorial's third part."""

    async def connect(self) -> None:
        self.room_group_name = f"chat_{self.scope['url_route']['kwargs']['room_name']}"
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)
        await self.accept()

    async def disconnect(self, close_code: int) -> None:
        await self.channel_layer.group_discard(self.room_group_name, self.channel_name)

    async def receive(self, text_data: str) -> None:
        message = json.loads(text_data)["message"]
        if DATABASE:
            await database_sync_to_async(Message.objects.create)(room=self.room_group_name, text=message)
        await self.channel_layer.group_send(self.room_group_name, {"type": "chat.message", "message": message})

    async def chat_message(self, event: dict[str, str]) -> None:
        await self.send(text_data=json.dumps({"message": event["message"]}))


def main() -> None:
    """Make the table unless an earlier turn has, then serve."""
    from daphne.server import Server

    if DATABASE and Message._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Message)
    routes = URLRouter([re_path(r"ws/chat/(?P<room_name>\w+)/$", ChatConsumer.as_asgi())])
    Server(ProtocolTypeRouter({"websocket": routes}), endpoints=[f"tcp:port={PORT}:interface=127.0.0.1"]).run()


if __name__ == "__main__":
    main()
