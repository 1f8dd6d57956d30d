"""A talk's whole way in several browsers at once: through the queue, a dead line and a dead server, to a case."""

import contextlib
import re
from typing import Any

import pytest
from playwright.sync_api import TimeoutError, expect

from tests.browsers import DESKTOP, PHONE

from . import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# A browser that lost its line tries again after pauses that grow.
BACK_MS = 40_000
# The page tells of typing at most once in three seconds.
TYPING_EVERY_MS, TYPED = 3500, 6
UNSENT = "() => document.querySelectorAll('.is-sending').length"
# Of two stores tested side by side each sees one language and width of each story.
WAYS = [
    pytest.param("zh", PHONE, id="zh-phone", marks=pytest.mark.half("second")),
    pytest.param("en", DESKTOP, id="en-desktop", marks=pytest.mark.half("first")),
]


@pytest.mark.parametrize(("language", "size"), WAYS)
def test_a_talk_goes_from_the_queue_through_outages_to_a_case(stage, live_house, language, size):
    words = cast.BOTH[language]
    Talk(stage, words, cast.city(words), size).travels(live_house)


class Talk:
    """The pages of everybody who has to do with the talk."""

    def __init__(self, stage: Any, words: cast.Words, city: cast.City, size: dict[str, int]) -> None:
        self.stage, self.words, self.size = stage, words, size
        self.officer = stage.open(city.dora, DESKTOP, words.locale)
        self.citizen = stage.open(None, size, words.locale)
        self.bench = stage.open(city.ida, DESKTOP, words.locale)
        self.said = [words.hello]

    def travels(self, house: Any) -> None:
        """Play the story."""
        self.waits_in_line()
        self.is_taken()
        self.is_live()
        with self.stage.outage():
            self.survives_a_dead_line()
            self.survives_a_dead_server(house)
        number = self.becomes_a_case()
        self.ends_with_a_rating()
        self.is_followed_by_its_code(number)

    # The queue

    def waits_in_line(self) -> None:
        """Come second, and become first when the one before leaves."""
        self.officer.goto("/duty/")
        if not self.officer.locator(".switch-on[aria-pressed=true]").count():
            self.officer.click(".switch-on")
        other = self.stage.open(None, DESKTOP, self.words.locale)
        ask(other, "Is anybody here?")
        self.citizen.goto("/chat/")
        expect(self.citizen.locator(".desk-state .light-green")).to_be_visible()
        self.stage.look(self.citizen, "desks")
        ask(self.citizen, self.words.hello)
        expect(self.citizen.locator(".talk-top")).to_contain_text(cast.spoken(self.words.second))
        expect(self.officer.locator("form.duty-row")).to_have_count(2)
        self.stage.look(self.citizen, "waiting")
        self.stage.look(self.officer, "queue")
        other.locator(".talk-top form button").click()
        expect(self.citizen.locator(".talk-top")).to_contain_text(cast.spoken(self.words.is_next))
        expect(self.officer.locator("form.duty-row")).to_have_count(1)
        other.close()

    def is_taken(self) -> None:
        """Let the officer take it by a key; the citizen sees who comes."""
        self.officer.keyboard.press("t")
        self.officer.wait_for_selector("[data-talk]")
        self.citizen.locator(".thread-line", has_text=cast.spoken(self.words.joined)).wait_for()

    # The conversation

    def say(self, page: Any, number: int) -> None:
        """Say one of the story's sentences."""
        page.locator("[data-say]").fill(self.words.talk[number])
        page.locator("[data-say]").press("Enter")
        self.said.append(self.words.talk[number])

    def hears(self, page: Any, number: int) -> None:
        """Wait until the page shows the sentence."""
        page.locator(".bubble .prose", has_text=self.words.talk[number]).wait_for(timeout=BACK_MS)

    def agree(self) -> None:
        """Both pages show all that was said, each once, in the same order."""
        for page in (self.citizen, self.officer):
            page.wait_for_function("() => !document.querySelector('.is-sending, .is-failed')", timeout=BACK_MS)
        shown = [
            page.locator("[data-thread] .bubble .prose").all_inner_texts() for page in (self.citizen, self.officer)
        ]
        assert shown[0] == shown[1]
        assert sorted(shown[0]) == sorted(self.said)

    def is_live(self) -> None:
        """Write to each other, and see the other one write and read."""
        self.is_seen_typing()
        self.say(self.officer, 0)
        self.hears(self.citizen, 0)
        self.officer.locator(".bubble-mine.is-read").wait_for()
        self.say(self.citizen, 1)
        self.hears(self.officer, 1)
        expect(self.officer.locator("[data-typing]")).to_be_hidden()
        self.agree()
        self.stage.look(self.citizen, "talk")
        self.stage.look(self.officer, "duty")

    def is_seen_typing(self) -> None:
        """Go on typing: what is typed before the officer's page follows the talk is lost, as it may be."""
        for _ in range(TYPED):
            self.citizen.locator("[data-say]").press_sequentially("…")
            with contextlib.suppress(TimeoutError):
                self.officer.locator("[data-typing]").wait_for(timeout=TYPING_EVERY_MS)
                return
        raise AssertionError("the officer's page never showed that the citizen types")

    def survives_a_dead_line(self) -> None:
        """Cut the citizen's line, write on both sides, and let it come back."""
        self.citizen.context.set_offline(True)
        self.say(self.citizen, 2)
        self.say(self.officer, 3)
        self.officer.locator(".bubble-mine[data-seq] .prose", has_text=self.words.talk[3]).wait_for()
        assert self.citizen.evaluate(UNSENT) == 1
        assert self.citizen.locator(".bubble .prose", has_text=self.words.talk[3]).count() == 0
        self.stage.picture(self.citizen, "offline")
        self.citizen.context.set_offline(False)
        self.hears(self.officer, 2)
        self.hears(self.citizen, 3)
        self.agree()
        self.citizen.reload()
        self.agree()

    def survives_a_dead_server(self, house: Any) -> None:
        """Kill the server, write on both sides, and start it again on the same database."""
        house.kill()
        self.say(self.officer, 4)
        self.say(self.citizen, 5)
        assert [page.evaluate(UNSENT) for page in (self.citizen, self.officer)] == [1, 1]
        house.start()
        self.hears(self.citizen, 4)
        self.hears(self.officer, 5)
        self.agree()

    # The outcome

    def becomes_a_case(self) -> str:
        """Make it a case in one click; the citizen and the workbench see it at once. Return the case's number."""
        self.bench.goto("/work/?tab=unclaimed")
        self.officer.locator("[data-case] .button").click()
        notice = self.citizen.locator(".talk-after .notice", has_text=cast.spoken(self.words.became))
        notice.wait_for()
        found = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", notice.inner_text())
        assert found, notice.inner_text()
        number = found[0].replace("-", "")
        self.bench.click(f".bench-item[data-number='{number}']")
        thread = self.bench.locator(".talk-card")
        expect(thread.locator("h3")).to_have_text(cast.spoken(self.words.from_talk))
        thread.locator("summary").click()
        assert sorted(thread.locator(".bubble > .prose").all_inner_texts()) == sorted(self.said)
        self.stage.look(self.bench, "bench")
        return number

    def ends_with_a_rating(self) -> None:
        """Let the officer end it and the citizen rate it in one tap."""
        self.officer.locator("[data-end]").click()
        self.citizen.locator(".star").nth(4).wait_for()
        self.stage.look(self.citizen, "ended")
        self.citizen.locator(".star").nth(4).click()
        expect(self.citizen.locator(".talk-after")).to_contain_text(cast.spoken(self.words.rated))

    def is_followed_by_its_code(self, number: str) -> None:
        """Show number and code once; they open the case in another browser."""
        self.citizen.locator(".talk-after .notice a").click()
        self.citizen.click("main form .button-primary")
        code = self.citizen.locator("[data-code]").inner_text()
        self.stage.look(self.citizen, "claim")
        elsewhere = self.stage.open(None, self.size, self.words.locale)
        elsewhere.goto("/track/")
        elsewhere.fill("[name=number]", number)
        elsewhere.fill("[name=code]", code)
        elsewhere.click("main button.button-primary")
        expect(elsewhere.locator("[data-sentence]")).to_contain_text(cast.spoken(self.words.received))
        self.stage.look(elsewhere, "case")


def ask(page: Any, text: str) -> None:
    """Ask for a conversation at the only desk."""
    page.goto("/chat/")
    page.locator("[name=text]").fill(text)
    page.click("main form .button-primary")
    page.wait_for_selector("[data-talk]")
