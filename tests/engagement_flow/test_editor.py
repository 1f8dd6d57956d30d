"""Changing a process: drafts, publishing, running cases that follow, replays; by actions and by the pages."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.template import Template
from django.test import Client
from django.test.utils import instrumented_test_render
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Role
from engagement import actions, queries, rules
from engagement.models import Case, Category, Process, ProcessDraft, ProcessMove, Replay, Task
from engagement.processes import bpmn
from engagement.processes.checks import problems
from engagement.processes.definition import KEYS, read, shipped
from engagement.processes.layout import draw
from journal.models import Entry
from tests import make
from tests.engagement.cast import DAY, HOUR, MONDAY, Office, case_at, kinds, letter, office

pytestmark = pytest.mark.django_db


def client(of: Office, name: str = "sven") -> Client:
    found = Client(headers={"accept-language": "en"})
    person = getattr(of, name).person
    found.force_login(person, backend="accounts.backends.PersonBackend")
    return found


def legal(by: Office) -> None:
    """The draft of complaints with a legal check between handling and review."""
    actions.add_step(by=by.sven, key="complaint", code="legal", name="法制审核", name_en="Legal check")
    step = {
        "name": "法制审核", "name_en": "Legal check", "role": "reviewer", "at": "unit", "status": "in_review",
        "sla": {"days": 1},
        "actions": {
            "approve": {"to": "answered"},
            "object": {"name": "不同意", "name_en": "Object", "require": ["reason"], "to": "handle"},
        },
    }  # fmt: skip
    actions.save_step(by=by.sven, key="complaint", code="legal", step=step)
    handle = shipped("complaint")["nodes"]["handle"]
    handle["actions"]["submit"]["to"] = "legal"
    actions.save_step(by=by.sven, key="complaint", code="handle", step=handle)


def test_a_draft_becomes_a_version_and_running_cases_follow_with_an_entry_each():
    by = office()
    signed, reviewed = case_at("signed", by, mailbox=False), case_at("review", by, mailbox=False)
    joint = case_at("accepted", by, mailbox=False)
    joint = actions.dispatch_case(
        case_id=joint.pk, version=None, by=by.dina, unit_id=by.housing.pk, assisting=[by.water.pk], at=MONDAY + DAY
    )
    legal(by)
    actions.remove_step(by=by.sven, key="complaint", code="review")
    told = problems(ProcessDraft.objects.get(key="complaint").definition)
    assert {problem.step for problem in told} == {"joint"}, "what led to the step that is gone"
    with pytest.raises(rules.BadInput):
        actions.publish_draft(by=by.sven, key="complaint")
    step = {**shipped("complaint")["nodes"]["joint"], "join": [{"to": "legal"}]}
    actions.save_step(by=by.sven, key="complaint", code="joint", step=step)
    running = queries.running_of(by.sven, "complaint", read(ProcessDraft.objects.get().definition))
    assert (running.cases, [code for code, _name, _n in running.gone]) == (3, ["review"])
    new = actions.publish_draft(by=by.sven, key="complaint", move=True, mapping={"review": "legal"})
    assert (new.version, new.published_by) == (2, by.sven.person)
    assert not ProcessDraft.objects.exists()
    while not ProcessMove.objects.get().finished_at:
        assert actions.move_running(limit=2, at=MONDAY + 2 * DAY) > 0
    move = ProcessMove.objects.get()
    assert (move.moved, move.stayed) == (3, [])
    for case, node in ((signed, "handle"), (reviewed, "legal"), (joint, "joint")):
        due = case.due_at
        case = Case.objects.get(pk=case.pk)
        assert (case.process, case.due_at) == (new, due)
        assert {task.node for task in case.tasks.filter(status="open")} == {node}
        assert kinds(case.file_stream_name)[-1] == "process.moved"
    entry = Entry.objects.get(stream__name=reviewed.file_stream_name, kind="process.moved")
    assert (entry.data["from"], entry.data["to"], entry.data["step"]) == (1, 2, "legal")
    # The step of the city's own works with its own name and its required reason.
    moved = Case.objects.get(pk=reviewed.pk)
    assert "step:object" in queries.allowed_actions(moved, by.rita)
    with pytest.raises(rules.BadInput):
        actions.take_step(case_id=moved.pk, version=None, by=by.rita, code="object", text="")
    moved = actions.take_step(case_id=moved.pk, version=None, by=by.rita, code="object", text="Name the law.")
    assert moved.tasks.get(status="open").node == "handle"
    # Setting the software up again does not put its own version over the city's.
    actions.load_processes()
    assert Process.objects.filter(key="complaint").count() == 2


def test_a_case_that_does_not_fit_stays_with_its_version():
    by = office()
    case = case_at("review", by, mailbox=False)
    legal(by)
    actions.remove_step(by=by.sven, key="complaint", code="review")
    step = {**shipped("complaint")["nodes"]["joint"], "join": [{"to": "legal"}]}
    actions.save_step(by=by.sven, key="complaint", code="joint", step=step)
    with pytest.raises(rules.BadInput):
        actions.publish_draft(by=by.sven, key="complaint", move=True, mapping={"review": "nowhere"})
    actions.publish_draft(by=by.sven, key="complaint", move=True)
    actions.move_running()
    move = ProcessMove.objects.get()
    assert (move.moved, move.stayed) == (0, [case.number])
    assert move.finished_at is not None
    case = actions.approve_reply(case_id=case.pk, version=None, by=by.rita)
    assert case.status == Case.Status.ANSWERED


def test_only_those_who_set_up_change_a_process_and_two_of_them_do_not_overwrite_each_other():
    by = office()
    actions.load_processes()
    for viewer in (by.hana, by.dina, by.lin, by.wang):
        with pytest.raises(rules.NotFound):
            actions.add_step(by=viewer, key="letter", code="more", name="More")
        with pytest.raises(rules.NotFound):
            actions.start_replay(by=viewer, key="letter")
    actions.add_step(by=by.sven, key="letter", code="more", name="More", version=0)
    with pytest.raises(rules.Conflict):
        actions.add_step(by=by.adam, key="letter", code="other", name="Other", version=0)
    for code in ("more", "Big", "a b", "", "back"):
        with pytest.raises(rules.BadInput):
            actions.add_step(by=by.sven, key="letter", code=code, name="More")
    with pytest.raises(rules.BadInput):
        actions.import_draft(by=by.sven, key="letter", content=bpmn.exported(shipped("enquiry")))
    actions.discard_draft(by=by.adam, key="letter", version=1)
    with pytest.raises(rules.NotFound):
        actions.publish_draft(by=by.sven, key="letter")


def test_a_replay_says_who_would_get_what_and_by_when(capsys):
    by = office()
    now = MONDAY + 20 * DAY
    for number in range(5):
        case_at("answered", by, mailbox=False, title=f"Lift {number}")
    actions.save_rule(by=by.sven, name="Lifts", unit_id=by.water.pk, words="Lift 1\nLift 2")
    raw = {**shipped("complaint"), "promise_days": {"complaint": 1, "default": 7}}
    actions.save_settings(by=by.sven, key="complaint", settings={"promise_days": raw["promise_days"]})
    started = actions.start_replay(by=by.sven, key="complaint", days=60, most=4, at=now)
    assert (started.total, started.finished_at) == (4, None)
    actions.replay_on(replay_id=started.pk, limit=3)
    done = actions.tend_processes(at=now)
    assert done >= 4
    started = Replay.objects.get()
    assert started.finished_at is not None
    counts = started.result["counts"]
    assert (counts["cases"], counts["earlier"], counts["answered"]) == (4, 4, 4)
    assert (counts["routed"], counts["rerouted"], counts["judged"], counts.get("right")) == (2, 2, 2, None)
    loads = {(load.unit, load.role): load for load in queries.replay_report(started).loads}
    handlers = {unit: load.change for (unit, role), load in loads.items() if role in ("handler", "承办人")}
    assert sorted(handlers.values()) == [-4, 4], "two steps of two cases go from housing to water"
    shown = client(by).get(f"/processes/replays/{started.pk}/")
    assert shown.status_code == 200
    out = StringIO()
    call_command(
        "replay_process", "complaint", "--days", "1000", "--most", "2", "--json", stdout=out, stderr=StringIO()
    )
    assert json.loads(out.getvalue())["counts"]["cases"] == 2
    # Of a year that is over: its last day counts, the next does not.
    day = timezone.localtime(Case.objects.latest("received_at").received_at).date()
    for until, cases in ((day, 5), (day - DAY, 0)):
        again = actions.start_replay(by=by.sven, key="complaint", days=30, until=until, at=now)
        assert (again.total, again.started_at) == (cases, now)
    assert client(by, "hana").get(f"/processes/replays/{started.pk}/").status_code == 404


@pytest.mark.parametrize("looks", [0, 2])
def test_a_reply_is_looked_at_as_often_as_the_process_says_and_then_reaches_the_citizen(looks):
    by = office()
    letter(by.wang)
    legal(by)
    handle, review = (shipped("complaint")["nodes"][code] for code in ("handle", "review"))
    if looks:
        review["actions"]["approve"]["to"] = "legal"
    else:
        handle["actions"]["submit"]["to"] = "answered"
        actions.remove_step(by=by.sven, key="complaint", code="legal")
    actions.save_step(by=by.sven, key="complaint", code="handle", step=handle)
    actions.save_step(by=by.sven, key="complaint", code="review", step=review)
    actions.publish_draft(by=by.sven, key="complaint")
    case = case_at("review", by, mailbox=False)
    reviewers = [by.rita, make.viewer(make.official("rolf", Role.REVIEWER, at=by.rita.posts[0].unit))]
    for reviewer in reviewers[:looks]:
        assert not queries.visible_to(by.wang).get(pk=case.pk).answered_at
        case = actions.approve_reply(case_id=case.pk, version=None, by=reviewer, at=MONDAY + 8 * HOUR)
        if case.status != Case.Status.ANSWERED:
            with pytest.raises(rules.WrongStatus):
                actions.approve_reply(case_id=case.pk, version=None, by=reviewer, at=MONDAY + 8 * HOUR)
    assert case.status == Case.Status.ANSWERED
    assert "case.answered" in kinds(case.stream_name)


def test_an_office_begins_a_process_of_its_own_and_cases_of_its_subjects_take_it():
    by = office()
    letter(by.wang)
    root = Category.objects.create(code="lifts", name="电梯")
    below = Category.objects.create(code="lifts-stuck", name="困人", parent=root, root=root, level=2)
    pages, sent = client(by), {"key": "rescue", "name": "电梯困人处置", "name_en": "Rescue", "like": "complaint"}
    assert client(by, "hana").post("/processes/new/", sent).status_code == 404
    assert pages.post("/processes/new/", {**sent, "key": "letter"}).status_code == 422
    assert pages.post("/processes/new/", sent).headers["location"] == "/processes/rescue/"
    assert pages.post("/processes/new/", sent).status_code == 422, "one code, one process"
    assert "Rescue" in pages.get("/processes/").content.decode()
    raw = ProcessDraft.objects.get(key="rescue").definition
    days = {**raw["promise_days"], "complaint": 1}
    actions.save_settings(by=by.sven, key="rescue", settings={"subjects": ["nothing"]})
    with pytest.raises(rules.BadInput):
        actions.publish_draft(by=by.sven, key="rescue")
    actions.save_settings(by=by.sven, key="rescue", settings={"subjects": ["lifts"], "promise_days": days})
    assert bpmn.imported(bpmn.exported(ProcessDraft.objects.get(key="rescue").definition))["subjects"] == ["lifts"]
    for name, status in {"": 200, "publish/": 200, "export/": 200, "compare/": 404, "replay/": 200}.items():
        assert pages.get(f"/processes/rescue/{name}").status_code == status
    actions.publish_draft(by=by.sven, key="rescue")
    stuck = letter(by.wang, category=below).case
    assert (stuck.process.key, stuck.due_at) == ("rescue", queries.promise("complaint", None, MONDAY, below))
    assert letter(by.wang).case.process.key == "complaint"
    assert letter(by.wang, by.mailbox, category=root).case.process.key == "letter"
    # The next version serves other subjects.
    actions.save_settings(by=by.sven, key="rescue", settings={"subjects": []})
    actions.publish_draft(by=by.sven, key="rescue")
    assert letter(by.wang, category=below).case.process.key == "complaint"


def test_what_is_wrong_is_said_by_names_once_and_leads_to_its_step():
    by = office()
    letter(by.wang)
    actions.remove_step(by=by.sven, key="complaint", code="clarify")
    page = client(by).get("/processes/complaint/").content.decode()
    assert page.count("“Ask the citizen” at “Handle” leads to “clarify”, which is no step.") == 1
    assert '<a href="/processes/complaint/?step=handle#step">“Ask the citizen”' in page


def test_the_pages_edit_a_step_preview_it_publish_and_take_files(monkeypatch):
    # The forms of the pages are sent back as they were shown.
    monkeypatch.setattr(Template, "_render", instrumented_test_render)
    by = office()
    actions.load_processes()
    pages = client(by)
    for key in KEYS:
        for code in list(read(shipped(key)).nodes)[:: 1 if key == "letter" else 4]:
            assert pages.get(f"/processes/{key}/?step={code}").status_code == 200
        drawing = draw(read(shipped(key)))
        cells = [(box.row, box.column) for box in drawing.boxes]
        assert len(set(cells)) == len(cells), "a box on top of another"
    page = pages.get("/processes/letter/?step=review")
    step = page.context["step"]
    sent = {"version": "0"}
    for form in (step.form, *step.ways, *step.inputs, step.ways.management_form, step.inputs.management_form):
        for field in form:
            value = field.value()
            if value is not None and value is not False and value != "":
                sent[field.html_name] = value
    # Sent as it was shown, nothing changes.
    answer = pages.post("/processes/letter/steps/review/", sent)
    assert answer.status_code == 302
    draft = ProcessDraft.objects.get(key="letter")
    assert read(draft.definition) == read(shipped("letter"))
    sent |= {"version": "1", "name_en": "Second look", "limit_n": "2", "ways-0-when": "round <"}
    bad = pages.post("/processes/letter/steps/review/", sent)
    assert bad.status_code == 422
    assert "cannot be read" in bad.content.decode()
    assert pages.post("/processes/letter/preview/review/", sent).status_code == 204
    sent["ways-0-when"] = "round < 3"
    preview = pages.post("/processes/letter/preview/review/", sent).content.decode()
    assert "lacks a last way" in preview
    assert "Second look" in preview
    sent["ways-0-when"] = ""
    assert pages.post("/processes/letter/steps/review/", sent).status_code == 302
    assert pages.post("/processes/letter/steps/review/", sent).status_code == 409
    compared = pages.get("/processes/letter/compare/").content.decode()
    assert "Second look" in compared
    assert pages.get("/processes/letter/publish/").status_code == 200
    file = pages.get("/processes/letter/export/").content
    sent_file = {"version": "2", "file": SimpleUploadedFile("letter.bpmn", file)}
    assert pages.post("/processes/letter/import/", sent_file).status_code == 302
    assert (
        pages.post("/processes/letter/import/", {"version": "3", "file": SimpleUploadedFile("x", b"<a")}).status_code
        == 422
    )
    settings = pages.get("/processes/letter/").context["settings"]
    given = {field.html_name: field.value() for field in settings if field.value() not in (None, "")}
    assert pages.post("/processes/letter/settings/", given | {"version": "3", "urge_hours": "12"}).status_code == 302
    answer = pages.post("/processes/letter/publish/", {"version": "4"})
    assert answer.status_code == 302
    new = Process.objects.get(key="letter", version=2)
    assert new.definition["nodes"]["review"]["sla"] == {"days": 2}
    assert new.definition["norms"]["urge_hours"] == 12
    # Without a draft the last change is what one comes for.
    assert "Version 1 beside version 2" in pages.get("/processes/letter/compare/").content.decode()
    assert pages.get("/processes/").status_code == 200


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_boxes_have_room_for_their_words_in_both_languages(key, language):
    with override(language):
        shapes = queries.picture_of(read(shipped(key))).shapes
    assert [line.text for shape in shapes for line in shape.lines if line.text.endswith("…")] == []
    assert all(shape.box.y < line.y < shape.box.y + shape.height for shape in shapes for line in shape.lines)


def test_a_case_is_shown_on_its_diagram_and_its_citizen_reads_no_names():
    by = office()
    case = case_at("review", by)
    inside = client(by, "hana").get(f"/cases/{case.number}/way/").content.decode()
    assert "Hana" in inside
    assert "way-is-now" in inside
    outside = client(by, "wang").get(f"/cases/{case.number}/way/").content.decode()
    assert 'aria-current="step"' in outside
    assert "Hana" not in outside
    assert "Housing" in outside
    assert client(by, "walt").get(f"/cases/{case.number}/way/").status_code == 404


def test_joint_handling_and_own_steps_work_from_the_bench():
    by = office()
    case = case_at("accepted", by, mailbox=False)
    actions.save_rule(by=by.sven, name="Lifts", unit_id=by.housing.pk, words="lift", assisting=[by.water.pk])
    page = client(by, "dina").get(f"/work/{case.number}/").content.decode()
    assert "Proposed by the rule “Lifts”." in page
    sent = {"version": case.version, "unit_id": by.housing.pk, "assisting": [by.water.pk]}
    assert client(by, "dina").post(f"/work/{case.number}/dispatch-case/", sent).status_code == 302
    case.refresh_from_db()
    bench = client(by, "walt")
    assert "Send the opinion" in bench.get(f"/work/{case.number}/").content.decode()
    empty = bench.post(f"/work/{case.number}/step-opine/", {"version": case.version, "text": ""})
    assert empty.status_code == 422
    done = bench.post(f"/work/{case.number}/step-opine/", {"version": case.version, "text": "The pump is new."})
    assert done.status_code == 302
    again = bench.post(f"/work/{case.number}/step-opine/", {"version": case.version, "text": "The pump is new."})
    assert again.status_code in (404, 409)
    assert kinds(case.file_stream_name).count("step.taken") == 1
    page = client(by, "hana").get(f"/work/{case.number}/").content.decode()
    assert "The pump is new." in page
    assert "Units working together" in page
    assert bench.post(f"/work/{case.number}/step-dance/", {"version": 1}).status_code == 404


def test_an_application_is_told_once_what_is_missing_and_an_enquiry_is_answered_where_it_comes_in():
    by = office()
    case = letter(by.wang, kind="application").case
    assert case.process.key == "approval"
    case = actions.tell_missing(case_id=case.pk, version=None, by=by.ida, items="Plan\n\nLease", at=MONDAY + HOUR)
    assert Entry.objects.get(stream__name=case.stream_name, kind="case.asked").data["question"] == "1. Plan\n2. Lease"
    actions.answer_question(case_id=case.pk, by=by.wang, text="Here.", at=MONDAY + DAY)
    case.refresh_from_db()
    assert "tell_missing" not in queries.allowed_actions(case, by.ida, MONDAY + DAY)
    with pytest.raises(rules.WrongStatus):
        actions.tell_missing(case_id=case.pk, version=None, by=by.ida, items="More", at=MONDAY + DAY)
    asked = letter(by.wang, kind="enquiry").case
    asked = actions.answer_at_once(case_id=asked.pk, version=None, by=by.ida, text="At nine.", at=MONDAY + HOUR)
    assert (asked.status, asked.hops) == (Case.Status.ANSWERED, 0)
    asked = actions.rate_case(case_id=asked.pk, by=by.wang, score=1, at=MONDAY + 2 * HOUR)
    assert asked.tasks.get(status="open").node == "dispatch", "who was not content gets a bureau's answer"


def test_a_committee_votes_and_an_adopted_suggestion_is_planned():
    by = office()
    case = letter(by.wang, kind="suggestion").case
    actions.accept_case(case_id=case.pk, version=None, by=by.ida, at=MONDAY + HOUR)
    actions.dispatch_case(
        case_id=case.pk, version=None, by=by.dina, unit_id=by.housing.pk, assisting=[by.water.pk], at=MONDAY + HOUR
    )
    vote = {"case_id": case.pk, "version": None, "text": "Good."}
    actions.take_step(by=by.walt, code="adopt", at=MONDAY + 2 * HOUR, **vote)
    actions.take_step(by=by.hana, code="adopt", at=MONDAY + 3 * HOUR, **vote)
    case.refresh_from_db()
    assert case.tasks.get(status="open").node == "plan"
    for given in ({}, {"until": "soon"}):
        with pytest.raises(rules.BadInput):
            actions.take_step(by=by.hana, code="planned", given=given, at=MONDAY + 4 * HOUR, **vote)
    day = (MONDAY + timedelta(days=90)).date()
    actions.take_step(by=by.hana, code="planned", given={"until": day}, at=MONDAY + 4 * HOUR, **vote)
    task = Task.objects.get(case=case, node="plan")
    assert task.data["given"] == {"until": day.isoformat()}
    assert case.tasks.get(status="open").node == "handle"
