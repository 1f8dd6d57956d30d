"""The form of a letter or complaint, its summary, sending and the receipt."""

import json
import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import override
from PIL import Image

from accounts.models import Role
from engagement import queries
from engagement.models import Attachment, Case, Category, Process
from engagement.processes import editing
from engagement.processes.definition import shipped
from engagement.views.words import moment
from portal.demo.places import SPOTS
from tests import make
from tests.engagement.cast import case_at, office

from . import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    """A visitor who reads English."""
    return Client(headers={"accept-language": "en"})


def photo(name="lift.jpg"):
    """Return a small photo with a camera's name in it."""
    out, exif = BytesIO(), Image.Exif()
    exif[0x010F] = "SecretCamera"
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def test_the_form_says_by_when_an_answer_is_due(visitor):
    cast.mailbox()
    page = visitor.get("/leaders/mayor/write/").content.decode()
    assert "Letter to Lin Yuan" in page
    assert "answer due by" in page
    assert ", 17:00" in page


def test_the_day_shown_while_writing_is_that_of_the_subject_as_in_the_summary_and_the_promise(visitor):
    """A subject with a process of its own, also for what lies below it; without scripts by what was chosen before."""
    raw = {**editing.plain(shipped("enquiry")), "key": "trees", "name": "Trees", "promise_days": {"default": 19}}
    Process.objects.create(key="trees", version=1, definition=raw, checksum="x", published_at=timezone.now())
    green = Category.objects.create(code="green", name="绿化", name_en="Green", process="trees")
    below = Category.objects.create(code="green-trees", name="树木", name_en="Trees", parent=green)
    with translation.override("en"):
        said = moment(queries.promise("help_request", category=below))
        assert said != moment(queries.promise("help_request"))
    page = visitor.get("/cases/new/").content.decode()
    known = json.loads(re.search(r'id="due-by-subject"[^>]*>(.*?)</script>', page)[1])
    assert known["green-trees"]["help_request"] == known["green"]["help_request"] == said
    given = {**cast.form_of(visitor), "kind": "help_request", "category": "green-trees"}
    assert said in visitor.post("/cases/new/", {**given, "stage": "edit"}).content.decode()
    assert said in visitor.post("/cases/new/", {**given, "stage": "check"}).content.decode()


def test_the_summary_shows_everything_once_more_and_sends_nothing(visitor):
    page = visitor.post("/cases/new/", {**cast.form_of(visitor), "stage": "check"})
    assert page.status_code == 200
    for shown in (
        "Lift in building 7 is stuck",
        "Lakeside Road 12",
        "min@example.org",
        "Only you and the office.",
        "Send now",
    ):
        assert shown in page.content.decode()
    assert not Case.objects.exists()


def test_changing_something_keeps_what_was_written(visitor):
    page = visitor.post("/cases/new/", {**cast.form_of(visitor), "stage": "edit"}).content.decode()
    assert 'value="Lift in building 7 is stuck"' in page
    assert "My mother cannot leave the flat." in page
    assert 'value="private" id="id_readers_1" checked' in page


def test_sending_files_the_case_and_shows_the_code_once(visitor):
    box = cast.mailbox()
    case = cast.send(visitor, "/leaders/mayor/write/")
    assert (case.mailbox, case.channel, case.kind, case.public) == (box, "letter", "help_request", False)
    assert case.text == "The lift has been stuck for two weeks.\nMy mother cannot leave the flat."
    code = cast.code_of(visitor, case)
    again = visitor.get(f"/cases/{case.number}/filed/")
    assert code not in again.content.decode()
    assert again["Cache-Control"] == "no-store, private"
    assert code not in str(dict(visitor.session.items()))


def test_a_looked_at_but_unread_receipt_stands_in_the_session_only_sealed(visitor):
    case = cast.send(visitor)
    kept = str(dict(visitor.session.items()))
    code = cast.code_of(visitor, case)
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_the_same_form_sent_twice_files_one_case_with_one_receipt(visitor):
    form = {**cast.form_of(visitor), "stage": "send"}
    first, second = visitor.post("/cases/new/", form), visitor.post("/cases/new/", form)
    assert first["Location"] == second["Location"]
    assert cast.code_of(visitor, Case.objects.get())


def test_nobody_else_sees_the_receipt(visitor):
    case = cast.send(visitor)
    stranger = Client(headers={"accept-language": "en"})
    refused, absent = stranger.get(f"/cases/{case.number}/filed/"), stranger.get("/cases/0000000000/filed/")
    assert refused.status_code == absent.status_code == 404
    assert refused.content == absent.content


def test_files_chosen_before_the_summary_are_sent_without_what_the_camera_wrote(visitor):
    form = cast.form_of(visitor)
    summary = visitor.post("/cases/new/", {**form, "stage": "check", "files": [photo(), photo("two.jpg")]})
    assert "lift.jpg" in summary.content.decode()
    assert "two.jpg" in summary.content.decode()
    visitor.post("/cases/new/", {**form, "stage": "send"})
    attachments = list(Attachment.objects.order_by("pk"))
    assert [each.name for each in attachments] == ["lift.jpg", "two.jpg"]
    content = visitor.get(f"/files/{attachments[0].key}/")
    assert content["Content-Disposition"].startswith("attachment")
    assert content["X-Content-Type-Options"] == "nosniff"
    assert content.content[:2] == b"\xff\xd8"
    assert b"SecretCamera" not in content.content


def test_a_kept_file_can_be_removed_again(visitor):
    form = cast.form_of(visitor)
    visitor.post("/cases/new/", {**form, "stage": "check", "files": [photo()]})
    page = visitor.post("/cases/new/", {**form, "stage": "edit"}).content.decode()
    key = page.split('name="drop" value="')[1].split('"')[0]
    assert "lift.jpg" not in visitor.post("/cases/new/", {**form, "drop": key}).content.decode()


def test_files_are_kept_while_other_fields_are_put_right(visitor):
    form = cast.form_of(visitor, title="")
    page = visitor.post("/cases/new/", {**form, "stage": "check", "files": [photo()]})
    assert page.status_code == 422
    assert "lift.jpg" in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": ""}, "Please choose what it is about."),
        ({"kind": "war"}, "war"),
        ({"title": ""}, "Please fill this in."),
        ({"title": "x" * 201}, "At most 200 characters"),
        ({"title": "x" * 20_000}, "At most 200 characters"),
        ({"text": "  \n "}, "Please fill this in."),
        ({"text": "长" * 20_001}, "At most 20000 characters"),
        ({"title": "bell\x07"}, "cannot be stored"),
        ({"place": "x" * 201}, "At most 200 characters"),
        ({"readers": ""}, "Please choose who may read it."),
        ({"readers": "everybody"}, "everybody"),
        ({"category": "no-such"}, "no-such"),
        ({"email": "nonsense"}, "not an e-mail address"),
        ({"phone": "call me"}, "not a telephone number"),
        ({"email": "", "wants": "email"}, "Please give the e-mail address"),
        ({"phone": "", "wants": "sms"}, "Please give the mobile number"),
        ({"wants": "pigeon"}, "pigeon"),
        ({"latitude": "91", "longitude": "5"}, "90"),
        ({"latitude": "nan", "longitude": "nan"}, "number"),
        ({"token": "forged"}, "lay open for too long"),
    ],
)
@pytest.mark.parametrize("stage", ["check", "send"])
def test_it_refuses_nonsense_in_words(visitor, changes, words, stage):
    answer = visitor.post("/cases/new/", {**cast.form_of(visitor), **changes, "stage": stage})
    page = answer.content.decode()
    assert answer.status_code == 422, page
    assert words in page
    assert 'role="alert"' in page
    assert not Case.objects.exists()


@pytest.mark.parametrize("bad", ["\0", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")])
def test_it_refuses_signs_that_cannot_be_stored(visitor, bad):
    answer = visitor.post("/cases/new/", {**cast.form_of(visitor, title=f"lift {bad}"), "stage": "send"})
    assert 400 <= answer.status_code < 500
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("evil.svg", b"<svg/>"), ("page.html", b"<p>"), ("fake.jpg", b"<script>"), ("empty.pdf", b""), ("none", b"x")],
)
def test_it_refuses_files_of_the_wrong_kind(visitor, name, content):
    form = cast.form_of(visitor)
    answer = visitor.post("/cases/new/", {**form, "stage": "check", "files": [SimpleUploadedFile(name, content)]})
    assert answer.status_code == 422
    assert "id_files_error" in answer.content.decode()
    visitor.post("/cases/new/", {**form, "stage": "send"})
    assert not Attachment.objects.exists()


def test_the_limits_themselves_are_taken(visitor):
    case = cast.send(visitor, title="题" * 200, text="字" * 20_000)
    assert (len(case.title), len(case.text)) == (200, 20_000)


def test_a_report_is_confidential_even_if_public_was_sent(visitor):
    make.unit("integrity")
    case = cast.send(visitor, kind="report", readers="public")
    assert case.confidential
    assert not case.public


def test_a_city_without_an_integrity_office_says_so_beside_the_kind(visitor):
    answer = visitor.post("/cases/new/", {**cast.form_of(visitor, kind="report"), "stage": "send"})
    assert answer.status_code == 422
    assert "cannot be received here" in answer.content.decode()


def test_a_forms_token_files_nothing_at_another_leader(visitor):
    cast.mailbox()
    form = {**cast.form_of(visitor, "/cases/new/"), "stage": "send"}
    assert visitor.post("/leaders/mayor/write/", form).status_code == 422
    assert not Case.objects.exists()


def test_a_visitor_sends_ten_an_hour_and_keeps_the_words_of_the_eleventh(visitor):
    for _number in range(10):
        cast.send(visitor)
    answer = visitor.post("/cases/new/", {**cast.form_of(visitor), "stage": "send"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "Your words are not lost" in answer.content.decode()
    assert "Lift in building 7" in answer.content.decode()
    assert Case.objects.count() == 10


def test_a_signed_in_citizen_owns_the_case(visitor):
    wang = make.person("wang")
    visitor.force_login(wang, backend="accounts.backends.PersonBackend")
    page = visitor.get("/cases/new/").content.decode()
    assert 'value="wang@example.org"' in page
    assert cast.send(visitor).citizen == wang


def test_an_unknown_leader_is_not_there(visitor):
    assert visitor.get("/leaders/nobody/write/").status_code == 404
    assert visitor.post("/leaders/nobody/write/", {}).status_code == 404


def test_it_speaks_chinese():
    page = Client(headers={"accept-language": "zh-CN"}).get("/cases/new/").content.decode()
    assert "您要反映什么" in page
    assert "隐去您的姓名和联系方式后" in page


def test_similar_answers_and_a_subject_are_offered_while_writing(visitor):
    cast.category()
    answer = visitor.post("/cases/similar/", {"title": "电梯坏了", "text": "我家楼里的电梯坏了两个星期"})
    assert answer.status_code == 200
    assert 'data-suggest="c-lift"' in answer.content.decode()
    assert visitor.get("/cases/similar/").status_code == 405


def test_a_pin_on_the_map_is_said_in_words_and_shown_to_the_office(visitor, settings):
    settings.MAP_FILE = str(settings.ROOT / "portal/demo/minghu.geojson")
    intake = make.official("ida", Role.INTAKE_OFFICER, make.unit("city"))
    page = visitor.get("/cases/new/").content.decode()
    assert '<city-map src="/map/" pick' in page
    assert b'"Donghu District"' in visitor.get("/map/").content
    pinned = {**cast.form_of(visitor), "latitude": "30.27110", "longitude": "120.16020"}
    summary = visitor.post("/cases/new/", pinned).content.decode()
    assert "Liuyin Street" in summary
    assert "Liuyin Street · 30.27110" not in summary
    edited = visitor.post("/cases/new/", {**pinned, "stage": "edit"}).content.decode()
    assert 'latitude="30.27110" longitude="120.16020" pick' in edited
    visitor.post("/cases/new/", {**pinned, "stage": "send"})
    case = Case.objects.get()
    assert (case.latitude, case.longitude) == (30.2711, 120.1602)
    office = Client(headers={"accept-language": "en"})
    office.force_login(intake, backend="accounts.backends.PersonBackend")
    assert 'latitude="30.27110" longitude="120.16020"' in office.get(f"/work/{case.number}/pane/").content.decode()
    settings.MAP_FILE = ""
    assert "city-map" not in visitor.get("/cases/new/").content.decode()


def test_the_demo_citys_map_knows_where_the_demos_places_are(settings):
    settings.MAP_FILE = str(settings.ROOT / "portal/demo/minghu.geojson")
    with override("zh-hans"):
        inside = {spot.unit: queries.area_at(spot.latitude, spot.longitude) for spot in SPOTS}
    assert inside == {
        "liuyin": "柳荫街道", "yunhe": "运河街道", "shiqiao": "石桥街道", "donghu": "东湖区", "beishan": "北山区",
    }  # fmt: skip


def test_who_writes_of_a_neighbours_matter_may_join_it_before_sending(visitor):
    by = office()
    lifts = cast.category()
    lead = case_at("signed", by, mailbox=False, public=True, place="Building 7")
    Case.objects.filter(pk=lead.pk).update(category=lifts, received_at=timezone.now())
    words = {"kind": "complaint", "category": lifts.code, "place": "Building 7", "readers": "public"}
    shown = visitor.post("/cases/new/", {**cast.form_of(visitor, **words), "stage": "check"}).content.decode()
    offer = re.search(r'name="join" id="id_join" value="([^"]+)"', shown)
    assert offer is not None
    assert lead.number not in shown
    for joins, status in ((offer[1], Case.Status.MERGED), ("forged", Case.Status.RECEIVED)):
        before = set(Case.objects.values_list("pk", flat=True))
        visitor.post("/cases/new/", {**cast.form_of(visitor, **words), "stage": "send", "join": joins})
        assert Case.objects.exclude(pk__in=before).get().status == status
    lead.refresh_from_db()
    assert lead.joined == 1
