"""The desk on another web site: who may show it, how its visitors come in, and the tag."""

import pytest

from accounts.models import Role
from accounts.rules import BadInput, NotFound
from journal.doors import pass_of, session_of_pass
from messaging import actions, queries
from messaging.models import Talk
from tests import make
from tests.messaging import cast

pytestmark = pytest.mark.django_db
SITE = "https://www.city.example"


def administrator():
    return make.viewer(make.official("adam", Role.ADMINISTRATOR, make.unit("city")))


def headers(given, **more):
    return {"HTTP_X_OPENHALL_PASS": given, **more}


def test_only_the_named_web_sites_may_stand_around_the_frame(client):
    desk = cast.desk()
    actions.set_sites(by=administrator(), desk_id=desk.pk, origins=[f"{SITE}/", "HTTP://127.0.0.1:8000", SITE])
    answer = client.get(f"/widget/{desk.slug}/?language=en&color=%23aa0000")
    assert "X-Frame-Options" not in answer
    assert f"frame-ancestors 'self' http://127.0.0.1:8000 {SITE}" in answer["Content-Security-Policy"]
    assert not answer.cookies
    page = answer.content.decode()
    assert 'data-colour="#aa0000"' in page
    assert 'lang="en"' in page
    assert 'data-colour=""' in client.get(f"/widget/{desk.slug}/?color=red;x").content.decode()
    assert client.get("/chat/")["X-Frame-Options"] == "DENY"
    assert client.get("/widget/no-such-desk/").status_code == 404


def test_the_sheet_on_our_own_pages_goes_on_where_the_reader_was(client):
    wang, dora = cast.citizen("wang"), cast.on_duty()
    client.force_login(wang.person, backend="accounts.backends.PersonBackend")
    sheet = client.get("/chat/sheet/")
    assert sheet["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self';" in sheet["Content-Security-Policy"] + ";"
    assert 'data-resumed=""' in sheet.content.decode()
    talk = cast.open_talk(by=wang, holder=dora)
    assert f'data-resumed="/chat/{talk.number}/"' in client.get("/chat/sheet/").content.decode()
    # A door on citizens' pages: a plain link. None where the conversation is already, and none for officials.
    assert '<a class="chat-door" href="/chat/"' in client.get("/about/").content.decode()
    assert "chat-door" not in client.get("/chat/").content.decode()
    client.force_login(dora.person, backend="accounts.backends.PersonBackend")
    assert "chat-door" not in client.get("/about/").content.decode()
    assert 'data-resumed=""' in client.get("/chat/sheet/").content.decode()


@pytest.mark.parametrize(
    "origin",
    ["www.city.example", "javascript:alert(1)", f"{SITE}/path", "https://a b", "https://x;'*'", "ftp://x", "*"],
)
def test_it_refuses_what_is_no_web_site(origin):
    desk = cast.desk()
    with pytest.raises(BadInput):
        actions.set_sites(by=administrator(), desk_id=desk.pk, origins=[SITE, origin])
    assert queries.origins_of(desk) == []


def test_only_administrators_of_the_unit_say_where_it_is_shown(client):
    desk = cast.desk()
    water = make.viewer(make.official("walter", Role.ADMINISTRATOR, make.unit("water")))
    for stranger in (water, cast.on_duty(), cast.citizen(), cast.visitor()):
        with pytest.raises(NotFound):
            actions.set_sites(by=stranger, desk_id=desk.pk, origins=[SITE])
    client.force_login(administrator().person, backend="accounts.backends.PersonBackend")
    assert client.post("/duty/sites/", {"desk": desk.pk, "origins": "nonsense"}).status_code == 400
    assert client.post("/duty/sites/", {"desk": desk.pk, "origins": f"{SITE}\n"}).status_code == 302
    page = client.get("/duty/sites/").content.decode()
    assert SITE in page
    assert "messaging/widget.js" in page
    assert client.post("/duty/sites/", {"desk": desk.pk, "origins": ""}).status_code == 302
    assert queries.origins_of(desk) == []


def test_a_pass_is_a_session_of_its_own_and_mixes_with_no_cookie(client):
    desk = cast.desk()
    cast.on_duty()
    assert client.post(f"/widget/{desk.slug}/pass/", HTTP_ORIGIN=SITE).status_code == 404
    given = client.post(f"/widget/{desk.slug}/pass/", HTTP_ORIGIN="http://testserver").json()["pass"]
    wang = cast.citizen("wang")
    client.force_login(wang.person, backend="accounts.backends.PersonBackend")
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    start = strict.get(f"/chat/?desk={desk.slug}", **headers(given))
    token = start.content.decode().split('name="token" value="')[1].split('"')[0]
    form = {"desk": desk.slug, "as": "talk", "text": "From the city's page", "token": token}
    opened = strict.post("/chat/", form, **headers(given))
    assert opened.status_code == 302
    assert not opened.cookies
    talk = Talk.objects.get()
    assert talk.citizen is None, "the reader's own account stays out of it"
    assert strict.get(opened["Location"], **headers(given)).status_code == 200
    assert client.get(opened["Location"]).status_code == 404
    assert strict.get(opened["Location"], **headers("nonsense")).status_code == 404
    assert strict.post("/api/v1/ticket", **headers(given)).status_code == 201
    assert strict.post("/chat/", form).status_code == 403, "without a pass the token of a form is needed as ever"


def test_a_pass_cannot_be_made_up():
    assert session_of_pass(pass_of("abc")) == "abc"
    for nonsense in ("", "abc", pass_of("abc")[:-1], pass_of("abc") + "x", "x" * 10_000, "\x00"):
        assert session_of_pass(nonsense) == ""
