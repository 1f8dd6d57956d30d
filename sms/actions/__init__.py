"""Taking in what the provider tells us, and proving that somebody holds a number."""

from .codes import check_code, forget_person, send_code
from .inbound import poll_inbound, process_inbound, retry_inbound, store_inbound

__all__ = [
    "check_code",
    "forget_person",
    "poll_inbound",
    "process_inbound",
    "retry_inbound",
    "send_code",
    "store_inbound",
]
