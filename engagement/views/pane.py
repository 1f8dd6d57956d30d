"""What the workbench shows of one case: the case itself, what may be done with it, and what stands around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.viewers import Viewer
from engagement import queries
from engagement.models import Case, Reply
from journal.queries import heads

from .verbs import Verb, verbs_for

# The thread begins after the letter, which stands above it.
LETTER = "case.received"


def pane_of(found: Case, viewer: Viewer, bound: Mapping[str, forms.Form] | None = None) -> dict[str, Any]:
    """Return the context of engagement/work/pane.html; `bound` holds forms that were sent and not taken, by slug."""
    held, stands = bound or {}, queries.standing(viewer, found)
    at, known, allowed = stands.at, stands.around, stands.actions
    verbs = [(verb, held.get(verb.slug) or verb.bind(stands)) for verb in verbs_for(stands)]
    reply, entries = queries.latest_reply(stands), queries.entries_for(found, viewer)
    contact = queries.contact_of(found, viewer)
    return {
        "case": found,
        "heads": heads(found.stream_name, found.file_stream_name),
        "verbs": [(verb, form) for verb, form in verbs if not verb.rare],
        "rare_verbs": [(verb, form) for verb, form in verbs if verb.rare],
        "kept": kept_words(held, {verb.slug for verb, form in verbs}),
        "open_verb": next(iter(held), ""),
        "rare_open": any(verb.slug in held for verb, form in verbs if verb.rare),
        "at": at,
        "step": queries.open_step(stands),
        "acts": queries.acts_for_office(stands, entries),
        "steps": queries.steps_of(found),
        "parts": queries.parts_of(stands),
        "clocks": queries.clocks_of(found, at, stands.engine.clock, known),
        "lines": [line for line in queries.timeline(found, viewer, entries) if line.kind != LETTER],
        "reply": reply if reply and reply.text and reply.state != Reply.State.SENT else None,
        "may_draft": "save_draft" in allowed,
        "earlier": queries.earlier_cases(found, viewer),
        "contact": contact,
        "canned": _canned(found, viewer, contact) if "submit_reply" in allowed else [],
        "files": queries.attachments_of(viewer, found) if known.files else [],
        "mapped": queries.has_map(),
        "talk": queries.origin_thread(found),
        "ask_now": queries.way_to_ask(found, viewer),
    }


def _canned(found: Case, viewer: Viewer, contact: Mapping[str, str] | None) -> list[queries.Filled]:
    name = "" if found.confidential or not contact else contact["name"]
    return queries.filled_replies(viewer, found.language, {"citizen": name, "number": found.number})


def kept_words(held: Mapping[str, forms.Form], shown: set[str]) -> list[tuple[Any, str]]:
    """Return (label, words) of what was written for verbs that are not possible any more; nothing typed is lost."""
    found = []
    for slug, form in held.items():
        if slug not in shown:
            found += [(form[name].label, words) for name in form.fields if (words := written(form, name))]
    return found


def written(form: forms.Form, name: str) -> str:
    """Return the words in a text field of a form that was sent, "" for other fields."""
    is_text = isinstance(form.fields[name].widget, (forms.Textarea, forms.TextInput))
    return str(form[name].value() or "") if is_text else ""


def again(verb: Verb, found: Case, viewer: Viewer, sent: Any) -> forms.Form:
    """Return the form with the words that were sent, now for the case as it stands: sending it again will do."""
    values = sent.copy()
    values["version"] = str(found.version)
    form = verb.bind(queries.standing(viewer, found), values)
    form.full_clean()
    return form
