"""Fixtures of the tests of SMS."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sms import provider as twilio


@pytest.fixture(autouse=True)
def _configured(settings: Any) -> None:
    settings.TWILIO_ACCOUNT, settings.TWILIO_TOKEN, settings.TWILIO_FROM = twilio.ACCOUNT, twilio.TOKEN, twilio.FROM
    settings.TWILIO_SECONDS = 1
    settings.PUBLIC_URL = "https://hall.example.org"
    settings.CITY_NAME, settings.CITY_NAME_EN = "明湖市", "Minghu City"


@pytest.fixture
def provider(settings: Any) -> Iterator[twilio.Provider]:
    """A running fake provider at the address the settings name."""
    made = twilio.Provider()
    server = twilio.serve(made)
    settings.TWILIO_URL = f"http://127.0.0.1:{server.server_address[1]}"
    yield made
    made.released.set()
    server.shutdown()
    server.server_close()
