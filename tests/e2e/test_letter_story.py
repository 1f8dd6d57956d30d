"""A letter's whole way in several browsers at once: citizen, officials and leader, each page watching the others."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browsers import DESKTOP, PHONE

from . import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STAY = "window.stays = true"
# Of two stores tested side by side each sees one language and width of each story.
WAYS = [
    pytest.param("zh", PHONE, id="zh-phone", marks=pytest.mark.half("first")),
    pytest.param("en", DESKTOP, id="en-desktop", marks=pytest.mark.half("second")),
]


@pytest.mark.parametrize(("language", "size"), WAYS)
def test_a_letter_goes_from_the_first_word_to_the_published_answer(stage, smtp, photo, language, size):
    words = cast.BOTH[language]
    city = cast.city(words)
    Letter(stage, words, city, size).travels(smtp, photo)


class Letter:
    """The pages of everybody who has to do with the letter."""

    def __init__(self, stage: Any, words: cast.Words, city: cast.City, size: dict[str, int]) -> None:
        self.stage, self.words, self.city, self.size = stage, words, city, size
        self.desk = self.browser(city.ida)
        self.handler = self.browser(city.hana)
        self.number = ""
        self.citizen: Any = None

    def browser(self, person: Any = None, size: dict[str, int] = DESKTOP) -> Any:
        """Return a page of a new browser in the story's language."""
        return self.stage.open(person, size, self.words.locale)

    def travels(self, smtp: Any, photo: Any) -> None:
        """Play the story."""
        code = self.is_written(photo)
        self.is_opened_elsewhere(code)
        self.comes_to_the_office()
        self.is_asked_about()
        self.is_replied_to()
        self.is_signed_on_a_phone()
        wait_for_mail(smtp, self.words)
        self.is_rated()
        self.is_published()

    # The citizen

    def is_written(self, photo: Any) -> str:
        """Write and send it from the leader's page; return the access code."""
        page = self.browser(size=self.size)
        page.goto("/leaders/mayor/")
        expect(page.locator(".leader-due")).to_contain_text(cast.spoken(self.words.promise))
        self.stage.look(page, "leader")
        page.click("main a[href='/leaders/mayor/write/']")
        fill(page, self.words, photo)
        self.stage.look(page, "write")
        page.click("[name=stage][value=check]")
        expect(page.locator("main .summary")).to_contain_text(photo.name)
        self.stage.look(page, "summary")
        page.click("[name=stage][value=send]")
        page.wait_for_url("**/filed/")
        self.stage.look(page, "filed")
        self.number, code = (re.sub(r"\W", "", text) for text in page.locator(".code").all_inner_texts())
        return code

    def is_opened_elsewhere(self, code: str) -> None:
        """Open it by number and code in another browser, and leave the page open from here on."""
        self.citizen = self.browser(size=self.size)
        self.citizen.goto("/track/")
        self.citizen.fill("[name=number]", self.number.lower())
        self.citizen.fill("[name=code]", code)
        self.stage.look(self.citizen, "track")
        self.citizen.click("main button.button-primary")
        self.says(self.words.received)
        assert self.citizen.url.endswith(f"/cases/{self.number}/")
        self.stage.look(self.citizen, "case")
        kept = self.citizen.request.get(self.citizen.locator(".case a[href^='/files/']").get_attribute("href"))
        assert kept.body().startswith(b"\xff\xd8")
        assert b"CANARYCAMERA" not in kept.body()
        self.citizen.evaluate(STAY)

    def says(self, sentence: str) -> None:
        """Wait until the citizen's page says where the letter stands; it holds nothing internal."""
        expect(self.citizen.locator("[data-sentence]")).to_contain_text(cast.spoken(sentence))
        assert "WOMBAT" not in self.citizen.content()

    def says_live(self, sentence: str) -> None:
        """The same, on a page that nobody has loaded anew since `STAY`."""
        self.says(sentence)
        assert self.citizen.evaluate("window.stays === true"), "the page was loaded anew"

    # The office

    def work(self, page: Any) -> None:
        """Open the letter at the workbench."""
        page.goto(f"/work/{self.number}/")
        expect(page.locator("#case-title")).to_have_text(self.words.title)

    def comes_to_the_office(self) -> None:
        """Accept, dispatch and sign for it; each window moves by itself."""
        self.handler.goto("/work/?tab=unclaimed")
        expect(self.handler.locator(".bench-item")).to_have_count(0)
        self.desk.goto("/work/?tab=unclaimed")
        self.desk.click(f".bench-item[data-number='{self.number}']")
        expect(self.desk.locator("#case-title")).to_have_text(self.words.title)
        expect(self.desk.locator(".case")).to_contain_text("lift.jpg")
        self.stage.look(self.desk, "intake")
        press(self.desk, "a", "accept-case")
        self.says_live(self.words.accepted)
        self.work(self.desk)
        press(self.desk, "d", "dispatch-case", unit_id=str(self.city.housing.pk), note=cast.NOTE)
        self.says_live(self.words.dispatched)
        self.handler.click(f".bench-item[data-number='{self.number}']")
        expect(self.handler.locator("#case-title")).to_have_text(self.words.title)
        press(self.handler, "s", "sign-for-case")
        self.says_live(self.words.working)

    def is_asked_about(self) -> None:
        """Write a note, ask the citizen, and get the answer."""
        press(self.handler, "n", "add-note", text=cast.NOTE)
        expect(self.handler.locator(".bubble-note", has_text=cast.NOTE)).to_have_count(2)
        press(self.handler, "e", "ask-citizen", question=self.words.question)
        self.says_live(self.words.clarify)
        self.citizen.locator(".bubble-question", has_text=self.words.question).wait_for()
        self.stage.look(self.citizen, "asked")
        self.citizen.fill("form[action$='/answer/'] textarea", self.words.answer)
        self.citizen.click("form[action$='/answer/'] .button-primary")
        self.says(self.words.working)
        self.citizen.evaluate(STAY)

    def is_replied_to(self) -> None:
        """Draft the reply and have it approved by somebody else."""
        self.work(self.handler)
        expect(self.handler.locator(".case .thread")).to_contain_text(cast.spoken(self.words.answer))
        self.stage.look(self.handler, "handling")
        press(self.handler, "r", "submit-reply", text=self.words.reply, outcome="solved")
        self.citizen.locator(".thread-line", has_text=cast.spoken(self.words.prepared)).wait_for()
        reviewer = self.browser(self.city.rita)
        self.work(reviewer)
        self.stage.look(reviewer, "review")
        press(reviewer, "a", "approve-reply")
        reviewer.close()

    def is_signed_on_a_phone(self) -> None:
        """Let the leader read and sign it; until then the citizen has not seen a word of it."""
        phone = self.browser(self.city.lin, PHONE)
        phone.goto("/sign/")
        expect(phone.locator(".sign-reply")).to_contain_text(self.words.reply.splitlines()[1])
        self.stage.look(phone, "sign")
        self.says_live(self.words.working)
        assert self.words.reply.splitlines()[1] not in self.citizen.content()
        phone.click(".sign-verbs > form .button-primary")
        expect(phone.locator(".sign-cards")).to_have_count(0)
        self.says_live(self.words.answered)
        self.citizen.locator(".bubble-reply", has_text=self.words.reply.splitlines()[1]).wait_for()
        expect(self.citizen.locator("main .messages")).to_have_count(0)
        self.stage.look(self.citizen, "answered")
        phone.close()

    def is_rated(self) -> None:
        """Rate the reply on the same open page."""
        form = self.citizen.locator("form[action$='/rate/']")
        form.locator("[name=score][value='5']").check()
        form.locator("[name=outcome][value=solved]").check()
        form.locator("textarea").fill(self.words.thanks)
        form.locator(".button-primary").click()
        self.says(self.words.concluded)
        self.stage.look(self.citizen, "concluded")
        self.citizen.evaluate(STAY)

    # The public

    def is_published(self) -> None:
        """Prepare the public copy, have it approved by a second person, and find it."""
        self.work(self.handler)
        self.handler.keyboard.press("p")
        expect(self.handler.locator("#prepare-publication-text")).to_have_value(re.compile(self.words.hidden[:8]))
        assert self.words.phone not in self.handler.input_value("#prepare-publication-text")
        self.stage.look(self.handler, "publish")
        self.handler.click("form[action*='/prepare-publication/'] .button-primary")
        reader = self.browser(size=self.size)
        assert self.finds(reader) == 0
        reviewer = self.browser(self.city.rita)
        self.work(reviewer)
        press(reviewer, "p", "approve-publication")
        self.citizen.locator(".thread-line", has_text=cast.spoken(self.words.published)).wait_for()
        assert self.citizen.evaluate("window.stays === true")
        assert self.finds(reader) == 1
        assert self.words.search in reader.locator("main mark").first.inner_text().lower()
        self.stage.look(reader, "found")
        reader.click("main .items h3 a")
        expect(reader.locator("main")).to_contain_text(self.words.hidden)
        assert not [secret for secret in (self.words.name, self.words.phone, "WOMBAT") if secret in reader.content()]
        self.stage.look(reader, "published")

    def finds(self, page: Any) -> int:
        """Return how many pages the public search finds for the story's word."""
        page.goto(f"/search/?q={self.words.search}")
        return int(page.locator("main .items > li").count())


def fill(page: Any, words: cast.Words, photo: Any) -> None:
    """Fill the letter form and take the suggested subject."""
    page.check("[name=kind][value=help_request]")
    page.fill("[name=title]", words.title)
    page.fill("[name=text]", words.text)
    page.locator("[data-suggest='c-lift'][aria-pressed=true]").wait_for()
    assert page.input_value("[name=category]") == "c-lift"
    page.fill("[name=place]", words.place)
    page.set_input_files("[name=files]", photo)
    page.check("[name=readers][value=public]")
    page.check("[name=wants][value=email]")
    page.fill("[name=name]", words.name)
    page.fill("[name=email]", "min@example.org")
    page.fill("[name=phone]", words.phone)


def press(page: Any, key: str, verb: str, **given: str) -> None:
    """Take a step by its key: fill its form if it has one, send it, and wait for the page after it."""
    if page.locator(f"button[data-verb={verb}]").count():
        with page.expect_navigation():
            page.keyboard.press(key)
        return
    page.keyboard.press(key)
    for name, value in given.items():
        field = page.locator(f"#{verb}-{name}")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    with page.expect_navigation():
        page.locator(f"form[action*='/{verb}/'] .button-primary").click()
    assert not page.locator(".error").count(), page.locator(".error").first.inner_text()


def wait_for_mail(smtp: Any, words: cast.Words) -> None:
    """Wait until the mail with the answer has arrived at a real mail server."""
    end = time.monotonic() + 20
    while not (found := [mail for mail in smtp.messages if words.mailed in str(mail["subject"])]):
        assert time.monotonic() < end, [str(mail["subject"]) for mail in smtp.messages]
        time.sleep(0.1)
    text = found[0].get_body(("plain",)).get_content()
    assert words.reply.splitlines()[1] in text
    assert "min@example.org" in found[0]["X-Envelope-To"]
    assert "WOMBAT" not in "".join(str(mail) for mail in smtp.messages)
