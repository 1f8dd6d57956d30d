"""A mayor's mailbox, a form's values and a letter's way, for tests of citizens' pages."""

import html
import re
from typing import Any

from django.test import Client

from accounts.models import Role
from accounts.viewers import Viewer
from engagement import actions
from engagement.models import Case, Category, Mailbox
from tests import make

WORDS = {
    "kind": "help_request",
    "title": "Lift in building 7 is stuck",
    "text": "The lift has been stuck for two weeks.\nMy mother cannot leave the flat.",
    "place": "Lakeside Road 12",
    "readers": "private",
    "name": "Wang Min",
    "email": "min@example.org",
    "wants": "email",
}


def mailbox() -> Mailbox:
    """Return the mailbox of Mayor Lin, whose unit is the city's."""
    found = Mailbox.objects.filter(slug="mayor").first()
    if found:
        return found
    city = make.unit("city", name="明湖市政府", name_en="City Government")
    leader = make.official("lin", Role.LEADER, city)
    return Mailbox.objects.create(
        slug="mayor", leader=leader, unit=city, title="市长", title_en="Mayor", name_en="Lin Yuan",
        duties="主持市政府全面工作。", duties_en="Leads the city government.",
    )  # fmt: skip


def category(code: str = "c-lift", name: str = "电梯", name_en: str = "Lifts") -> Category:
    """Return a first-level category."""
    return Category.objects.get_or_create(code=code, defaults={"name": name, "name_en": name_en})[0]


def token_in(page: Any) -> str:
    """Return the form token that a page carries."""
    found = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    assert found, page.content.decode()[:500]
    return found[1]


def form_of(client: Client, path: str = "/cases/new/", **changes: str) -> dict[str, Any]:
    """Return the values of a filled form, with the token of a page fetched now."""
    return {**WORDS, "token": token_in(client.get(path)), **changes}


def send(client: Client, path: str = "/cases/new/", **changes: str) -> Case:
    """File a case through the form and return it; the city stands ready to take it."""
    make.unit("city", name="明湖市政府", name_en="City Government")
    make.unit("housing", name="住房局", name_en="Housing Office")
    answer = client.post(path, {**form_of(client, path, **changes), "stage": "send"})
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.get(number=answer["Location"].split("/")[2])


def code_of(client: Client, case: Case) -> str:
    """Return the access code that the receipt shows."""
    codes = re.findall(r'class="code">([^<]+)<', client.get(f"/cases/{case.number}/filed/").content.decode())
    assert len(codes) == 2, codes
    return codes[1]


def as_official(username: str, role: str, at: Any = None) -> Viewer:
    """Return the viewer of an official in the role, at the housing office unless another unit is given."""
    return make.viewer(make.official(username, role, at))


def fresh(case: Case) -> Case:
    """Return the case as it stands now."""
    return Case.objects.get(pk=case.pk)


def step(name: str, case: Case, by: Viewer, **given: Any) -> Case:
    """Take one step of the workflow as an official."""
    now = fresh(case)
    getattr(actions, name)(case_id=now.pk, version=now.version, by=by, **given)
    return fresh(case)


def to_the_office(case: Case) -> Case:
    """Let the city accept the case, the housing office get and sign for it."""
    city, housing = make.unit("city"), make.unit("housing")
    olga = as_official("olga", Role.HANDLER, housing)
    as_official("rita", Role.REVIEWER, housing)
    step("accept_case", case, as_official("ivy", Role.INTAKE_OFFICER, city))
    step("dispatch_case", case, as_official("dan", Role.DISPATCHER, city), unit_id=housing.pk)
    return step("sign_for_case", case, olga)


def answered(case: Case, text: str = "The lift runs again since Monday.") -> Case:
    """Let a complaint travel until its reply has reached the citizen."""
    to_the_office(case)
    step("submit_reply", case, as_official("olga", Role.HANDLER), text=text, outcome=Case.Outcome.SOLVED)
    return step("approve_reply", case, as_official("rita", Role.REVIEWER))


def published(case: Case) -> Case:
    """Make the answered case public by two persons."""
    actions.prepare_publication(
        case_id=case.pk, by=as_official("olga", Role.HANDLER), title=case.title, text=case.text,
        reply="The lift runs again since Monday.",
    )  # fmt: skip
    actions.approve_publication(case_id=case.pk, by=as_official("rita", Role.REVIEWER))
    return fresh(case)


def browser_of(viewer: Viewer) -> Client:
    """Return the official's browser, in English."""
    client = Client(headers={"accept-language": "en"})
    assert viewer.person is not None
    client.force_login(viewer.person, backend="accounts.backends.PersonBackend")
    return client


def text_of(answer: Any) -> str:
    """Return what a page says."""
    return html.unescape(answer.content.decode())


def act(case: Case, who: Viewer, slug: str, **data: Any) -> Any:
    """Press the verb's button on a page that shows the case as it is now."""
    case.refresh_from_db()
    return browser_of(who).post(f"/work/{case.number}/{slug}/", {"version": case.version, **data})
