"""The doorbell: tells every process that a stream has reached a number. Lossy by design."""


def ring(stream: str, seq: int) -> None:
    """Ring for `stream` at `seq`."""
