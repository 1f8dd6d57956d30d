"""A small Twilio of our own: it takes messages, and misbehaves as told."""

import json
import threading
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-for-tests"
FROM = "+15005550006"
SLOW = 3.0


class Provider:
    """What the fake provider holds: messages newest first, and how it will treat the next requests.

    `moods`: "accept", "slow" (accepts, answers too late), "500", "accept-500", "reset", "accept-reset", "garbled",
    "hang" (accepts and never answers), or a status such as "429" or "400".
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []
        self.moods: list[str] = []
        self.requests: list[dict[str, str]] = []
        self.accepted = threading.Event()
        self.released = threading.Event()
        self.clock: datetime | None = None

    def take(
        self, fields: dict[str, str], direction: str = "outbound-api", status: str = "queued"
    ) -> dict[str, object]:
        """Put a message into the list, as Twilio does."""
        said = format_datetime(self.clock or datetime.now(UTC))
        message = {
            "sid": f"SM{len(self.messages) + 1:032x}",
            "account_sid": ACCOUNT,
            "to": fields["To"],
            "from": fields.get("From"),
            "body": fields["Body"],
            "status": status,
            "direction": direction,
            "date_created": said,
            "date_sent": said if direction == "inbound" else None,
            "date_updated": said,
            "error_code": None,
            "error_message": None,
            "num_segments": "1",
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "messaging_service_sid": None,
            "api_version": "2010-04-01",
            "uri": "/x.json",
            "subresource_uris": {},
        }
        self.messages.insert(0, message)
        self.accepted.set()
        return message


class Handler(BaseHTTPRequestHandler):
    """HTTP for the provider."""

    protocol_version = "HTTP/1.1"
    provider: Provider

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        self.provider.requests.append(fields)
        mood = self.provider.moods.pop(0) if self.provider.moods else "accept"
        if mood in ("accept", "slow", "accept-500", "accept-reset", "garbled", "hang"):
            message = self.provider.take(fields)
        if mood == "slow":
            time.sleep(SLOW)
        elif mood == "hang":
            self.provider.released.wait(60)
        if mood in ("reset", "accept-reset", "hang"):
            self.close_connection = True
            self.connection.close()
        elif mood in ("accept", "slow"):
            self.answer(201, message)
        elif mood == "garbled":
            self.answer(201, None)
        else:
            self.answer(
                int(mood.removeprefix("accept-")), {"code": 20000, "message": "no", "more_info": "", "status": 0}
            )

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        if self.provider.moods[:1] == ["list-500"]:
            self.provider.moods.pop(0)
            self.answer(500, {"code": 20500, "message": "no", "status": 500})
            return
        found = [message for message in self.provider.messages if message["to"] == asked.get("To", [message["to"]])[0]]
        self.answer(200, {"messages": found, "next_page_uri": None, "page": 0, "page_size": 100, "uri": "/x"})

    def answer(self, status: int, data: object) -> None:
        """Send JSON, or for None something that is not JSON."""
        body = b"<html>oops" if data is None else json.dumps(data).encode()
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "120")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


def serve(provider: Provider) -> ThreadingHTTPServer:
    """Start serving the provider on a free loopback port."""
    handler = type("Bound", (Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda request, address: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server
