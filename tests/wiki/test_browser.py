"""The handbook in a real browser: every kind of page is sound, and what is said below one arrives while it is read."""

import pytest

from accounts.viewers import person_viewer
from tests import make
from tests.browsers import PHONE
from tests.forums import cast as forum_cast
from tests.wiki import cast
from wiki.knowledge import actions

pytestmark = [pytest.mark.browser, pytest.mark.half("first"), pytest.mark.django_db(transaction=True)]


def test_the_handbook_is_sound_and_talk_arrives_live(new_page, axe):
    wang = person_viewer(make.person("wang"))
    shown = cast.page(title="Pool hours")
    proposal = cast.proposed(shown, by=wang, text="How to read your **water** bill, in short.")
    actions.remark(by=wang, place_id=shown.place.pk, text="the first one")
    ways = ("", "_edit/", "_history/", "_history/1/", "_source/", "_talk/", "_care/", "_files/", "_move/")
    pages = ["/wiki/", "/wiki/_new/", "/wiki/_reviews/", f"/wiki/_reviews/{proposal.pk}/", "/wiki/_cite/?q=pool",
             f"/wiki/_v/{shown.place.article_id}-1/", *(f"{shown.url}{way}" for way in ways)]  # fmt: skip
    wide, small = new_page(cast.reviewer().person, language="zh-hans"), new_page(wang.person, size=PHONE)
    for number, address in enumerate(pages):
        answer = wide.goto(address)
        assert answer.status == 200, address
        axe(wide)
        # The citizen's half on a phone: what is wider than the screen is a fault there.
        if address in ("/wiki/", shown.url, f"{shown.url}_edit/", f"{shown.url}_talk/") or number == 0:
            small.goto(address)
            axe(small)
            assert not small.evaluate("document.documentElement.scrollWidth > innerWidth + 1"), address
    small.goto(f"{shown.url}_talk/")
    second = actions.remark(by=person_viewer(make.person("li")), place_id=shown.place.pk, text="the second one")
    small.get_by_text("1 new remark").click()
    small.wait_for_selector(f"#remark-{second.pk}:focus")
    actions.hide_remark(by=cast.writer(), remark_id=second.pk, reason="Said twice")
    small.wait_for_selector(f"#remark-{second.pk}", state="detached")
    # An office that answers in the forum cites the handbook by its keys alone.
    wide.goto(forum_cast.topic().get_absolute_url())
    wide.get_by_label("Cite the handbook").press_sequentially("pool")
    wide.wait_for_selector("[data-cite-line]")
    for key in ("ArrowDown", "Enter"):
        wide.keyboard.press(key)
    assert f"/wiki/_v/{shown.place.article_id}-1/" in wide.input_value("textarea[name=text]")
