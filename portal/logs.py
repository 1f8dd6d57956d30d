"""JSON logs: one object a line with the request's id, without bodies, tokens or whole telephone numbers."""

from __future__ import annotations

import json
import logging
import re
import secrets
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# What a database or a mail server says of a row or a recipient; also the password in a database's address.
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*")
# Seven digits and more are a telephone number, an identity number or a card.
_LONG_NUMBER = re.compile(r"\+?\d{7,}")
_SECRET = re.compile(r"(?i)\b(token|code|ticket|key|password|secret|signature|csrfmiddlewaretoken)(=|: ?)[^\s&\"']+")

# A long part of an address is a key: of a reset, a confirmation, a file or a signed call-back.
_KEY_IN_PATH = re.compile(r"(?<=/)[\w:=-]{20,}(?=[/?\s\"']|$)")


def begin_request(given: str = "") -> str:
    """Give what is logged from here on an id: the one that a proxy gave if it is a plain one, else a new one."""
    request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
    _request_id.set(request_id)
    return request_id


def request_id() -> str:
    """Return the id of the request that is being answered; "" outside of one."""
    return _request_id.get()


def masked(text: str) -> str:
    """Return the text with secrets, e-mail addresses and long numbers made unreadable."""
    text = _EMAIL.sub("***@***", _KEY_IN_PATH.sub("***", _SECRET.sub(r"\1\2***", text)))
    return _LONG_NUMBER.sub(lambda found: f"***{found[0][-2:]}", text)


class RequestIds(logging.Filter):
    """Adds the request's id to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        record.request_id = _request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "name": record.name,
            "text": masked(record.getMessage()),
        }
        if getattr(record, "request_id", ""):
            line["request"] = record.request_id  # type: ignore[attr-defined]
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["error"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def logging_as_json(level: str) -> dict[str, object]:
    """Return Django's LOGGING: everything from `level` on as JSON lines, chatty libraries from warnings on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": "portal.logs.RequestIds"}},
        "formatters": {"json": {"()": "portal.logs.JsonFormatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["context"]}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "daphne": {"level": "WARNING"},
            "django.channels.server": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
        },
    }
