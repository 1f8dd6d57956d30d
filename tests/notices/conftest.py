"""Fixtures of the tests of notices."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller


@pytest.fixture(autouse=True)
def _words(settings: Any) -> None:
    # Not above: Django is not yet set up when pytest loads this file.
    from tests.notices import cast

    cast.with_words(settings)


@pytest.fixture
def rough() -> Iterator[Any]:
    """A running SMTP server that misbehaves as told."""
    from tests.notices import cast

    box = cast.RoughPostbox()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()
