"""A topic and the moderators' queue in a real browser: what arrives, what changes, and nothing jumps."""

import pytest

from accounts.viewers import person_viewer
from forums import actions
from forums.models import Reply, Review, Writer
from tests.browsers import PHONE
from tests.forums import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def say(topic, name, text, parent=None):
    return actions.reply_to(viewer=cast.viewer(name), topic_id=topic.pk, text=text, parent_id=parent and parent.pk)


def test_replies_and_edits_arrive_without_moving_what_is_read(new_page, axe):
    topic = cast.topic()
    first = say(topic, "a", "the first one")
    for number in range(12):
        say(topic, f"b{number}", f"number {number}\n\nand more\n\nand more")
    page = new_page(cast.trusted("li"), size=PHONE)
    page.goto(topic.get_absolute_url())
    page.wait_for_selector("#composer")
    axe(page)
    anchor = page.get_by_text("number 9")
    anchor.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    before = anchor.bounding_box()["y"]
    below = say(topic, "c", "below the first", first)
    say(topic, "d", "at the end")
    actions.edit_reply(
        viewer=cast.viewer("a"), reply_id=first.pk, text="the first one, changed\n\nlonger\n\nand longer"
    )
    page.wait_for_selector("text=2 new replies")
    page.wait_for_selector(f"#reply-{first.pk} >> text=changed", state="attached")
    assert abs(anchor.bounding_box()["y"] - before) < 4
    page.locator("[data-arrived]").click()
    page.wait_for_selector(f"#reply-{below.pk}")
    order = page.locator("[data-replies] > li").evaluate_all("items => items.map((item) => item.id)")
    assert order[:2] == [f"reply-{first.pk}", f"reply-{below.pk}"]
    assert len(order) == 15
    assert page.locator("#replies").inner_text() == "15 replies"
    # Answering in place, under the reply that it answers, with a draft that keeps itself.
    page.locator(f"#reply-{below.pk} [data-answer]").click()
    page.locator(f"#reply-{below.pk} textarea").fill("my answer")
    page.wait_for_selector("text=Draft kept")
    page.locator(f"#reply-{below.pk} .composer .button-primary").click()
    page.wait_for_url("**#reply-*")
    assert Reply.objects.get(comment="my answer").parent_id == below.pk
    page.locator(f"#reply-{below.pk} button[name=agree]").click()
    page.wait_for_selector(f"#reply-{below.pk} button[name=agree][aria-pressed=true]")
    assert Reply.objects.get(pk=below.pk).agrees == 1


def test_moderators_decide_by_keyboard(new_page, axe):
    topic = cast.topic(title="Loud voices")
    said = [say(topic, name, f"words of {name}") for name in ("a", "b")]
    for reply in said:
        actions.flag_post(viewer=cast.viewer("li"), topic_id=topic.pk, reply_id=reply.pk, ground="abuse")
    mona = person_viewer(cast.moderator())
    page = new_page(mona.person)
    page.goto("/forums/queue/")
    page.wait_for_selector(".queue-row:focus")
    axe(page)
    page.keyboard.press("j")
    page.keyboard.press("h")
    page.keyboard.press("4")
    page.keyboard.type("not proven")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.queue-row').length === 1")
    assert Review.objects.get(reply=said[1]).ground == "rumour"
    actions.flag_post(viewer=cast.viewer("chen"), topic_id=topic.pk, ground="other")
    page.wait_for_selector("text=More posts wait")
    page.locator(".queue-row").first.focus()
    page.keyboard.press("a")
    page.wait_for_selector(f"[data-review='{Review.objects.get(reply=said[0]).pk}']", state="detached")
    assert Review.objects.get(reply=said[0]).decision == "kept"


def test_every_kind_of_page_is_sound_on_a_phone_and_on_a_desk(new_page, axe):
    blog = cast.board("blog")
    blog.kind = "blog"
    blog.save()
    expert, mona = cast.trusted("expert"), cast.moderator()
    Writer.objects.create(board=blog, person=expert, title="Doctor")
    cast.topic(board=blog, author=expert, title="Winter colds", text="Tea helps.")
    topic = cast.topic(title="Loud voices", tags="noise, night")
    reply = say(topic, "a", "words of a")
    actions.flag_post(viewer=cast.viewer("li"), topic_id=topic.pk, reply_id=reply.pk, ground="abuse")
    ways = ("/forums/", "/forums/housing-board/", "/forums/blog/", "/forums/tags/", "/forums/tags/noise/",
            "/forums/housing-board/new/", topic.get_absolute_url())  # fmt: skip
    wide, small = new_page(mona, language="zh-hans"), new_page(size=PHONE)
    for address in (*ways, "/forums/queue/", "/forums/mine/", f"{topic.get_absolute_url()}moderate/"):
        assert wide.goto(address).status == 200, address
        axe(wide)
        if address in ways:
            small.goto(address)
            axe(small)
            assert not small.evaluate("document.documentElement.scrollWidth > innerWidth + 1"), address
