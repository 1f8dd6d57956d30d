"""The list of notices, its badge, and the demo's screen."""

from datetime import timedelta

import pytest
from django.db import transaction

from journal.models import Entry
from notices import actions
from notices.models import Notice
from tests import make
from tests.notices import cast

pytestmark = pytest.mark.django_db


def tell(person, count=1, url="/track/"):
    with transaction.atomic():
        for number in range(count):
            made = actions.notify(
                entry=cast.entry(at=cast.NOON + timedelta(minutes=number)), kind="test.told", person=person,
                channels=(), context={"step": number}, url=url,
            )  # fmt: skip
    return made


def test_a_person_reads_the_own_notices_and_nobody_elses(client):
    wang, li = make.person("wang"), make.person("li")
    tell(wang)
    hers = tell(li)
    client.force_login(wang)
    page = client.get("/notices/", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert page.content.decode().count("Your letter moved on") == 1
    assert client.post(f"/notices/{hers.pk}/").status_code == 404
    assert client.post("/notices/999999/").status_code == 404
    hers.refresh_from_db()
    assert hers.read_at is None


def test_opening_a_notice_marks_it_and_leads_where_it_points(client):
    wang = make.person("wang")
    notice = tell(wang)
    client.force_login(wang)
    answer = client.post(f"/notices/{notice.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/track/")
    notice.refresh_from_db()
    assert notice.read_at
    assert Entry.objects.get(kind="notice.read").data == {"unread": 0}
    assert client.get(f"/notices/{notice.pk}/").status_code == 405


def test_all_can_be_marked_as_read_and_the_badge_follows(client):
    wang = make.person("wang")
    tell(wang, count=3)
    client.force_login(wang)
    assert 'data-unread="3"' in client.get("/notices/badge/").content.decode()
    assert client.post("/notices/read/").status_code == 302
    assert client.get("/notices/badge/").content.decode().strip() == ""
    assert client.post("/notices/read/").status_code == 302
    assert Entry.objects.filter(kind="notice.read").count() == 1


def test_the_list_comes_in_pages(client):
    wang = make.person("wang")
    tell(wang, count=35)
    client.force_login(wang)
    first = client.get("/notices/").content.decode()
    oldest_shown = Notice.objects.order_by("-pk")[29]
    assert first.count("notices-open") == 30
    assert f'rel="next" href="?before={oldest_shown.pk}"' in first
    second = client.get(f"/notices/?before={oldest_shown.pk}").content.decode()
    assert second.count("notices-open") == 5
    assert 'rel="next"' not in second


@pytest.mark.parametrize("before", ["x", "-1", "1e9", "9" * 30, "%00", "٣", ""])
def test_a_nonsense_page_is_the_first(client, before):
    wang = make.person("wang")
    tell(wang)
    client.force_login(wang)
    assert client.get(f"/notices/?before={before}").status_code in (200, 400)


def test_a_stranger_is_asked_to_sign_in(client):
    answer = client.get("/notices/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")
    assert client.get("/notices/badge/").content.decode().strip() == ""


def test_who_opened_a_case_by_its_code_reads_the_notices_of_that_case(client):
    with transaction.atomic():
        for number in ("K7QM2FXP9T", "ANOTHER234"):
            actions.notify(
                entry=cast.entry(f"case-{number}"),
                kind="test.told",
                reader=f"case-{number}",
                language="en",
                url="/track/",
            )
    session = client.session
    session["grants"] = ["case-K7QM2FXP9T"]
    session.save()
    assert client.get("/notices/").content.decode().count("notices-open") == 1


def test_the_screen_exists_in_the_demo_only(client, settings):
    assert client.get("/demo/outbox/").status_code == 404
    settings.DEMO = True
    assert client.get("/demo/outbox/").status_code == 200


def test_the_screen_shows_mails_and_sms_escaped(client, settings):
    settings.DEMO = True
    settings.CARRIERS = dict.fromkeys(("email", "sms"), "notices.carriers.screen.Screen")
    cast.mail(subject="A <b>letter</b>", body="See http://127.0.0.1:8000/track/ <script>\n")
    cast.sms(body="Your code is 123456.")
    assert actions.deliver_due() == 2
    page = client.get("/demo/outbox/").content.decode()
    assert "A &lt;b&gt;letter&lt;/b&gt;" in page
    assert "<script>\n" not in page
    assert '<a href="http://127.0.0.1:8000/track/"' in page
    assert "Your code is 123456." in page
    assert "+8613912345678" in page


def test_the_screen_comes_in_pages(client, settings):
    settings.DEMO = True
    for _ in range(31):
        cast.sms()
    assert client.get("/demo/outbox/").content.decode().count("screen-body") == 30
    assert client.get("/demo/outbox/?page=2").content.decode().count("screen-body") == 1
    assert client.get("/demo/outbox/?page=nonsense").status_code == 200
