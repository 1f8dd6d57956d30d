"""What the stories ask for: browsers whose every complaint counts, a look at each page, and its picture."""

import contextlib
import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browsers import DESKTOP

# Beside Redis every story runs on a layer that loses rings, by OPENHALL_TEST_LAYER on SQLite too (docs/operations.md).
LOSES = os.environ.get("OPENHALL_TEST_LAYER") == "lossy" or bool(os.environ.get("OPENHALL_REDIS_URL"))
# The whole suite may run beside a story on two cores; a lost ring heals within 30 s.
PATIENCE_MS = 40_000 if LOSES else 20_000
expect.set_options(timeout=PATIENCE_MS)
# So the workbench learns that a case it shows lies on another desk now.
GONE = re.compile(r"/work/\w+/pane/: .*status of 404")
# A browser says these of a line that is down, which the stories cut on purpose.
OUTAGE = ("net::ERR_", "WebSocket connection to")


class Stage:
    """Browsers of the people in a story, and what must hold for every page of it."""

    def __init__(self, name: str, new_page: Callable[..., Any], axe: Callable[[Any], None]) -> None:
        self.name = name
        self.new_page = new_page
        self.axe = axe
        self.faults: list[str] = []
        self.is_outage = False
        self.pictures = 0

    def open(self, person: Any = None, size: dict[str, int] = DESKTOP, language: str = "en") -> Any:
        """Return a page in a browser of its own, signed in as the person if one is given."""
        page = self.new_page(person, size=size, language=language)
        page.context.set_default_timeout(PATIENCE_MS)
        page.on("console", self._note)
        return page

    def _note(self, message: Any) -> None:
        expected = self.is_outage and any(words in message.text for words in OUTAGE)
        told = f"{message.location.get('url')}: {message.text}"
        if message.type == "error" and not expected and not GONE.search(told):
            self.faults.append(told)

    @contextlib.contextmanager
    def outage(self) -> Iterator[None]:
        """While it lasts, browsers may complain that nobody answers."""
        self.is_outage = True
        yield
        self.is_outage = False

    def look(self, page: Any, name: str) -> None:
        """Check a main page: axe finds nothing, nothing is cut off at the side; and take its picture if asked to."""
        self.axe(page)
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], f"{page.url} is {wide[0]} wide in a window of {wide[1]}"
        self.picture(page, name)

    def picture(self, page: Any, name: str) -> None:
        """Write the page as <story>-<number>-<name>.png into OPENHALL_SCREENSHOTS; without that do nothing."""
        folder = os.environ.get("OPENHALL_SCREENSHOTS")
        if folder:
            self.pictures += 1
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{self.name}-{self.pictures:02}-{name}.png", animations="disabled")


@pytest.fixture(scope="module", autouse=True)
def _named_city(settled_house: Callable[..., None]) -> None:
    """The house carries the city's name; beside PostgreSQL and Redis it stands on the layer that loses rings."""
    layer = {"DJANGO_SETTINGS_MODULE": "tests.lossy_settings"} if LOSES else {}
    settled_house(OPENHALL_CITY_NAME="明湖市", OPENHALL_CITY_NAME_EN="Minghu City", **layer)


@pytest.fixture
def stage(request: pytest.FixtureRequest, new_page: Callable[..., Any], axe: Callable[[Any], None]) -> Iterator[Stage]:
    """The stage of the story; an error on any browser's console fails it."""
    story = Path(str(request.node.path)).stem.removeprefix("test_").removesuffix("_story")
    made = Stage(f"{story}-{request.node.callspec.id}", new_page, axe)
    yield made
    assert not made.faults, made.faults


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photograph of a lift that stands still, with the camera's marks in it."""
    image = Image.new("RGB", (640, 480), "#c9d2da")
    brush = ImageDraw.Draw(image)
    brush.rectangle((190, 60, 450, 460), fill="#8794a1", outline="#3d4852", width=6)
    brush.line((320, 60, 320, 460), fill="#3d4852", width=6)
    marks = Image.Exif()
    marks[0x010F] = "CANARYCAMERA"
    body = io.BytesIO()
    image.save(body, "JPEG", exif=marks)
    path = tmp_path / "lift.jpg"
    path.write_bytes(body.getvalue())
    return path
