"""What somebody enters who changes a process: one step with its ways and form fields, and the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Role
from accounts.rules import BadInput
from engagement.models import Case
from engagement.processes.conditions import parsed, written
from engagement.processes.definition import (
    ASSIST,
    BACK,
    CHOSEN,
    CITIZEN,
    CLOCK,
    KEYS,
    LEAD,
    Definition,
    Node,
    Way,
)
from engagement.processes.naming import FIELD_KINDS, FLAGS, MODES, NEEDS, NORMS, OFFICES, act_label

from .fields import PlainText

CODES = r"^[a-z][a-z0-9_]{0,39}$"
JOIN = "join"
MARKS = (
    ("need_text", NEEDS["text"]),
    ("need_reason", NEEDS["reason"]),
    *FLAGS.items(),
    ("round", _("begins another round")),
)
LIMITS = (
    ("", _("no limit of its own")),
    ("minutes", _("working minutes")),
    ("days", _("working days")),
    ("case", _("the case's time")),
)
WAITS = (("", _("no end")), ("days", _("working days")), ("calendar_days", _("days")))


def code_field(label: Any, required: bool = True, **named: Any) -> forms.RegexField:
    """Return a field for the short name of a step, an action or a form field."""
    wrong = {"invalid": _("Small letters, digits and _, please.")}
    return forms.RegexField(CODES, label=label, required=required, error_messages=wrong, **named)


class NodeForm(forms.Form):
    """A step: its name, who does it, how long, and whether several units do it at once."""

    name = PlainText(most=60, least=1, label=pgettext_lazy("process", "Name"))
    name_en = PlainText(most=60, required=False, label=_("Name in English"))
    role = forms.ChoiceField(
        label=_("Who"), choices=[("", "–"), (CITIZEN, _("citizen")), *Role.choices], required=False
    )
    also = forms.MultipleChoiceField(
        label=_("Also"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    at = forms.ChoiceField(label=_("At which office"), choices=[("", "–"), *OFFICES.items()], required=False)
    status = forms.ChoiceField(label=_("Status of the case"), choices=Case.Status.choices)
    limit = forms.ChoiceField(label=_("Time limit"), choices=LIMITS, required=False)
    limit_n = forms.IntegerField(label=_("How many"), min_value=1, max_value=100_000, required=False)
    mode = forms.ChoiceField(
        label=_("Units"),
        required=False,
        choices=[("", _("one unit")), *MODES.items()],
    )
    over = PlainText(
        most=400,
        required=False,
        label=_("Which units"),
        help_text=_("Empty: the dispatcher chooses. Or their codes, with commas; the first leads."),
    )
    assist_days = forms.IntegerField(
        label=_("Assisting units: working days"), min_value=1, max_value=400, required=False
    )
    assist_timeout = code_field(_("and then the clock does"), required=False)
    wait = forms.ChoiceField(label=_("Waiting ends after"), choices=WAITS, required=False)
    wait_n = forms.IntegerField(label=_("How many"), min_value=1, max_value=4_000, required=False)
    wait_act = code_field(_("and then the clock does"), required=False)
    keeps = forms.BooleanField(required=False, label=_("Goes back to the handler who had it"))
    pauses = forms.BooleanField(required=False, label=_("The unit's clock stands still"))
    end = forms.BooleanField(required=False, label=_("An end"))

    GROUPS = (
        ("who", _("Step"), ("name", "name_en", "role", "at", "status", "also")),
        ("time", _("Time"), ("limit", "limit_n", "wait", "wait_n", "wait_act")),
        ("units", _("Several units"), ("mode", "over", "assist_days", "assist_timeout")),
        ("marks", _("What else holds"), ("keeps", "pauses", "end")),
    )

    def groups(self) -> list[tuple[str, Any, list[forms.BoundField]]]:
        """Return the fields by what they are about: a code, a heading, the fields."""
        return [(code, label, [self[name] for name in names]) for code, label, names in self.GROUPS]

    def clean(self) -> dict[str, Any]:
        """Numbers belong to their units of time."""
        given = super().clean() or {}
        for kind, number in (("limit", "limit_n"), ("wait", "wait_n")):
            if given.get(kind) and given.get(kind) != "case" and not given.get(number):
                self.add_error(number, ValidationError(_("How many?"), code="required"))
        return given


class WayForm(forms.Form):
    """One line of "what can be done": an action and one of its ways."""

    act = code_field(_("Action"), widget=forms.TextInput(attrs={"list": "known-acts", "size": 10}))
    name = PlainText(most=60, required=False, label=_("Called"))
    name_en = PlainText(most=60, required=False, label=_("In English"))
    part = forms.ChoiceField(
        required=False,
        label=_("By"),
        choices=[
            ("", _("whoever has it")),
            (LEAD, _("the lead unit")),
            (ASSIST, _("assisting units")),
            (CLOCK, _("the clock")),
        ],
    )
    when = PlainText(most=300, required=False, label=_("Only if"))
    to = forms.ChoiceField(required=False, label=_("Leads to"))
    status = forms.ChoiceField(required=False, label=_("Status then"), choices=[("", "–"), *Case.Status.choices])
    marks = forms.MultipleChoiceField(
        required=False, choices=MARKS, widget=forms.CheckboxSelectMultiple, label=_("More")
    )

    # What the line says, for its heading; "" for a new one.
    said = ""

    def __init__(self, *given: Any, steps: Iterable[tuple[str, str]] = (), **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["to"].choices = [("", "–"), (BACK, _("back to who asked")), *steps]  # type: ignore[attr-defined]

    def clean_when(self) -> Any:
        """Return the condition as data, or say that it cannot be read."""
        try:
            return parsed(str(self.cleaned_data.get("when") or ""))
        except BadInput as broken:
            raise ValidationError(str(broken), code="bad_condition") from broken


class InputForm(forms.Form):
    """A form field of an action of one's own."""

    act = code_field(_("Action"))
    code = code_field(pgettext_lazy("process", "Code"))
    label = PlainText(most=80, least=1, label=_("Label"))
    label_en = PlainText(most=80, required=False, label=_("In English"))
    kind = forms.ChoiceField(choices=FIELD_KINDS.items(), initial="line", label=_("Kind"))
    required = forms.BooleanField(required=False, label=_("must be filled in"))


Ways = forms.formset_factory(WayForm, extra=1, can_delete=True, max_num=80, absolute_max=90)
Inputs = forms.formset_factory(InputForm, extra=1, can_delete=True, max_num=40, absolute_max=50)


class StepEditor:
    """The three forms of one step together, filled from the step or from what was sent."""

    def __init__(self, definition: Definition, code: str, data: Any = None) -> None:
        node = definition.nodes[code]
        self.node = node
        steps = [(each.code, each.label or each.code) for each in definition.nodes.values()]
        self.form = NodeForm(data, initial=_initial(node), auto_id="step-%s")
        lines = _way_lines(node)
        self.ways = Ways(data, initial=lines, prefix="ways", form_kwargs={"steps": steps})
        self.inputs = Inputs(data, initial=_input_lines(node), prefix="inputs")
        names = {**dict(steps), BACK: _("back to who asked")}
        for form, line in zip(self.ways, lines, strict=False):
            to = names.get(line.get("to", ""), line.get("to", ""))
            form.said = " → ".join(filter(None, (act_label(line["act"], node.actions.get(line["act"])), str(to))))

    def is_valid(self) -> bool:
        """Return whether all three can be read."""
        return all([self.form.is_valid(), self.ways.is_valid(), self.inputs.is_valid()])

    def step(self) -> dict[str, Any]:
        """Return the step as plain data of a definition."""
        given = self.form.cleaned_data
        found: dict[str, Any] = {
            name: given[name] for name in ("name", "name_en", "role", "also", "at", "status", "mode")
        }
        found |= {"pauses": given["pauses"], "end": given["end"], "keeps": "handler" if given["keeps"] else ""}
        found["sla"] = _limit(given["limit"], given["limit_n"])
        if given["wait"]:
            found["timeout"] = {given["wait"]: given["wait_n"], "action": given["wait_act"]}
        if given["mode"]:
            codes = [each.strip() for each in given["over"].split(",") if each.strip()]
            found["over"] = codes or CHOSEN
            assist = {"sla": _limit("days", given["assist_days"]), "timeout": given["assist_timeout"]}
            found["assist"] = {name: value for name, value in assist.items() if value}
        found["actions"], found["join"] = self._actions()
        return found

    def _actions(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        actions: dict[str, Any] = {}
        join = []
        for line in self._kept(self.ways):
            way = {"to": line["to"], "when": line["when"], "status": line["status"], "round": "round" in line["marks"]}
            if line["act"] == JOIN:
                join.append(way)
                continue
            act = actions.setdefault(line["act"], self._act(line))
            if line["to"]:
                act["to"].append(way)
            else:
                act["status"] = line["status"]
        for line in self._kept(self.inputs):
            if line["act"] in actions:
                actions[line["act"]]["fields"].append(
                    {name: line[name] for name in ("code", "label", "label_en", "kind", "required")}
                )
        return actions, join

    def _act(self, line: Mapping[str, Any]) -> dict[str, Any]:
        before = self.node.actions.get(line["act"])
        others = [each for each in (before.require if before else ()) if each not in ("text", "reason")]
        needs = [each for each in ("text", "reason") if f"need_{each}" in line["marks"]]
        by = CLOCK if line["part"] == CLOCK else ""
        # The clock's action at a step of several is for those that assist: the lead's time is the case's.
        part = line["part"] if not by else ASSIST if self.form.cleaned_data["mode"] else ""
        found = {"name": line["name"], "name_en": line["name_en"], "part": part, "by": by, "require": [*others, *needs]}
        return {**found, **{flag: flag in line["marks"] for flag in FLAGS}, "to": [], "fields": []}

    @staticmethod
    def _kept(formset: Any) -> list[dict[str, Any]]:
        return [
            form.cleaned_data
            for form in formset
            if form.cleaned_data.get("act") and not form.cleaned_data.get("DELETE")
        ]


def _limit(kind: str, number: int | None) -> dict[str, Any]:
    if kind == "case":
        return {"case": True}
    return {kind: number} if kind and number else {}


def _initial(node: Node) -> dict[str, Any]:
    kind = next(iter(node.sla), "")
    wait = next((name for name in node.timeout if name != "action"), "")
    return {
        **{name: getattr(node, name) for name in ("name", "name_en", "role", "also", "at", "status", "mode")},
        "limit": kind, "limit_n": node.sla.get(kind) if kind != "case" else None,
        "over": "" if isinstance(node.over, str) else ", ".join(node.over),
        "assist_days": node.assist.get("sla", {}).get("days"), "assist_timeout": node.assist.get("timeout", ""),
        "wait": wait, "wait_n": node.timeout.get(wait), "wait_act": node.timeout.get("action", ""),
        "keeps": bool(node.keeps), "pauses": node.pauses, "end": node.end,
    }  # fmt: skip


def _way_lines(node: Node) -> list[dict[str, Any]]:
    lines = []
    for act in node.actions.values():
        marks = [flag for flag in FLAGS if getattr(act, flag)] + [f"need_{each}" for each in act.require]
        head = {
            "act": act.code, "name": act.name, "name_en": act.name_en, "part": CLOCK if act.by == CLOCK else act.part,
        }  # fmt: skip
        if not act.ways:
            lines.append({**head, "marks": marks, "status": act.status})
        lines += [{**head, **_way(way, marks)} for way in act.ways]
    return lines + [{"act": JOIN, **_way(way, [])} for way in node.join]


def _way(way: Way, marks: list[str]) -> dict[str, Any]:
    again = ["round"] if way.round else []
    return {"when": written(way.when), "to": way.to, "status": way.status, "marks": [*marks, *again]}


def _input_lines(node: Node) -> list[dict[str, Any]]:
    return [{"act": act.code, **vars(each)} for act in node.actions.values() for each in act.fields]


class SettingsForm(forms.Form):
    """What holds for the whole process."""

    name = PlainText(most=120, least=1, label=pgettext_lazy("process", "Name"))
    name_en = PlainText(most=120, required=False, label=_("Name in English"))
    start = forms.ChoiceField(label=_("First step"))
    withdraw_from = forms.MultipleChoiceField(
        required=False, label=_("The citizen can take it back at"), widget=forms.CheckboxSelectMultiple
    )
    reopen_to = forms.ChoiceField(required=False, label=_("A reopened case begins at"))
    yellow_percent = forms.IntegerField(min_value=1, max_value=100, label=NORMS["yellow_percent"])
    reopen_days = forms.IntegerField(min_value=0, max_value=3_650, label=NORMS["reopen_days"])
    most_rounds = forms.IntegerField(min_value=1, max_value=20, label=NORMS["most_rounds"])
    extension_days = forms.IntegerField(min_value=0, max_value=400, label=NORMS["extension_days"])
    urge_hours = forms.IntegerField(min_value=0, max_value=1_000, label=NORMS["urge_hours"])

    # An office's own process says which subjects take it; those that come with the software go by the kind.
    subjects = forms.MultipleChoiceField(
        required=False,
        label=_("Subjects that take it"),
        help_text=_("And all below them, whatever their kind; letters to leaders and reports of wrongdoing never."),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "pick"}),
    )

    def __init__(
        self, data: Any = None, *, raw: Mapping[str, Any], definition: Definition, categories: Iterable[Any] = ()
    ) -> None:
        acts = definition.acts
        to = acts["reopen"].ways[0].to if "reopen" in acts and acts["reopen"].ways else ""
        super().__init__(
            data,
            auto_id="set-%s",
            initial={
                "name": raw.get("name", ""), "name_en": raw.get("name_en", ""), "start": definition.start,
                "withdraw_from": list(acts["withdraw"].start) if "withdraw" in acts else [], "reopen_to": to,
                "subjects": list(definition.subjects),
                **definition.norms, **{f"days_{kind}": days for kind, days in definition.promise_days.items()},
            },
        )  # fmt: skip
        self._raw = raw
        if definition.key in KEYS:
            del self.fields["subjects"]
        else:
            indent = "\u2003"
            known = [(each.code, indent * (each.level - 1) + each.label) for each in categories]
            self.fields["subjects"].choices = known  # type: ignore[attr-defined]
        steps = [(node.code, node.label or node.code) for node in definition.nodes.values() if not node.end]
        self.fields["start"].choices = steps  # type: ignore[attr-defined]
        self.fields["withdraw_from"].choices = steps  # type: ignore[attr-defined]
        self.fields["reopen_to"].choices = [("", "–"), *steps]  # type: ignore[attr-defined]
        for kind, label in (("default", _("any other kind")), *Case.Kind.choices):
            field = forms.IntegerField(min_value=1, max_value=400, required=kind == "default", label=label)
            self.fields[f"days_{kind}"] = field

    def days(self) -> list[Any]:
        """Return the fields of promised working days, by kind."""
        return [self[name] for name in self.fields if name.startswith("days_")]

    def others(self) -> list[Any]:
        """Return the other fields."""
        return [self[name] for name in self.fields if not name.startswith("days_")]

    def settings(self) -> dict[str, Any]:
        """Return them as parts of a definition."""
        given, acts = self.cleaned_data, {**self._raw.get("acts", {})}
        if "withdraw" in acts:
            acts["withdraw"] = {**acts["withdraw"], "from": given["withdraw_from"]}
        if "reopen" in acts and given["reopen_to"]:
            acts["reopen"] = {**acts["reopen"], "to": given["reopen_to"]}
        days = {name[5:]: value for name, value in given.items() if name.startswith("days_") and value}
        return {
            "name": given["name"], "name_en": given["name_en"], "start": given["start"], "promise_days": days,
            "norms": {**self._raw.get("norms", {}), **{norm: given[norm] for norm in NORMS}}, "acts": acts,
            "subjects": given.get("subjects", []),
        }  # fmt: skip
