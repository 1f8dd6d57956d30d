"""Changing a process: a draft is made from the newest version, changed step by step and published as the next one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.viewers import Viewer

from .. import rules
from ..models import Category, Process, ProcessDraft, ProcessMove
from ..processes import bpmn, editing
from ..processes.checks import CODE
from ..processes.definition import KEYS, Definition, read
from ..processes.engine import newest
from ..queries.routing import sets_up
from .processes import publish_process

# Addresses below /processes/ that are no process, and those that come with the software.
RESERVED = ("new", "replays", *KEYS)
# What a definition may be at most as JSON, in characters.
LARGEST = 300_000
Raw = Mapping[str, Any]


@transaction.atomic
def _change(
    by: Viewer, key: str, version: int | None, change: Callable[[Raw], Raw], at: datetime | None
) -> ProcessDraft:
    """Change the draft, made from the newest version if there is none yet. Raises NotFound, Conflict, BadInput."""
    if not sets_up(by):
        raise rules.NotFound()
    draft = ProcessDraft.objects.select_for_update().filter(key=key).first()
    if version is not None and version != (draft.version if draft else 0):
        raise rules.Conflict(_("Somebody has changed this process meanwhile. Please look again."))
    if draft is None:
        last = newest(key)
        if last is None:
            raise rules.NotFound()
        draft = ProcessDraft(key=key, definition=last.definition)
    draft.definition = _fits(key, change(draft.definition))
    draft.version += 1
    draft.changed_at, draft.changed_by = at or timezone.now(), by.person
    draft.save()
    return draft


def _fits(key: str, raw: Raw) -> dict[str, Any]:
    try:
        found = editing.plain(raw)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        said = _("This is not a process definition: %(error)s") % {"error": str(error)[:200]}
        raise rules.BadInput(said, field="definition") from error
    if len(str(found)) > LARGEST:
        raise rules.BadInput(_("This process is too large: nobody could follow it."), field="definition")
    if found["key"] != key:
        raise rules.BadInput(
            _("This is the process “%(other)s”, not this one.") % {"other": found["key"][:40]}, field="file"
        )
    return found


@transaction.atomic
def begin_process(
    *, by: Viewer, key: str, name: str, name_en: str = "", like: str, at: datetime | None = None
) -> ProcessDraft:
    """Begin a process of the office's own as a draft, with the steps of the process `like`; nothing takes it yet.

    Raises NotFound, BadInput for a key that is none or is taken.
    """
    last = newest(like) if sets_up(by) and isinstance(like, str) else None
    if last is None:
        raise rules.NotFound()
    if not isinstance(key, str) or not CODE.fullmatch(key):
        raise rules.BadInput(_("Small letters, digits and _, please."), field="key", code="bad_code")
    name = rules.clean_text(name, most=120, least=1, field="name", newlines=False)
    name_en = rules.clean_text(name_en or "", most=120, field="name_en", newlines=False)
    raw = {**editing.plain(last.definition), "key": key, "name": name, "name_en": name_en, "subjects": []}
    made = {"definition": _fits(key, raw), "version": 1, "changed_at": at or timezone.now(), "changed_by": by.person}
    is_taken = key in RESERVED or newest(key) is not None
    draft, is_new = (None, False) if is_taken else ProcessDraft.objects.get_or_create(key=key, defaults=made)
    if draft is None or not is_new:
        raise rules.BadInput(_("There is a process of this code already."), field="key", code="taken")
    return draft


def save_step(
    *, by: Viewer, key: str, code: str, step: Raw, version: int | None = None, at: datetime | None = None
) -> ProcessDraft:
    """Put a step of the draft in place of the one with its code. Raises NotFound, Conflict, BadInput."""
    return _change(by, key, version, lambda raw: editing.with_step(raw, code, step), at)


def add_step(
    *,
    by: Viewer,
    key: str,
    code: str,
    name: str,
    name_en: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> ProcessDraft:
    """Add a step to the draft. Raises as save_step."""
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise rules.BadInput(_("Small letters, digits and _, please."), field="code", code="bad_code")
    name = rules.clean_text(name, most=60, least=1, field="name", newlines=False)
    name_en = rules.clean_text(name_en or "", most=60, field="name_en", newlines=False)
    return _change(by, key, version, lambda raw: editing.with_new_step(raw, code, name, name_en), at)


def remove_step(
    *, by: Viewer, key: str, code: str, version: int | None = None, at: datetime | None = None
) -> ProcessDraft:
    """Take a step out of the draft. Raises as save_step."""
    return _change(by, key, version, lambda raw: editing.without_step(raw, code), at)


def save_settings(
    *, by: Viewer, key: str, settings: Raw, version: int | None = None, at: datetime | None = None
) -> ProcessDraft:
    """Change what holds for the whole draft: names, start, promised days, norms, acts. Raises as save_step."""
    return _change(by, key, version, lambda raw: {**raw, **settings}, at)


def import_draft(
    *, by: Viewer, key: str, content: bytes, version: int | None = None, at: datetime | None = None
) -> ProcessDraft:
    """Make the draft what a BPMN file says. Raises as save_step; nothing is published by it."""
    if not sets_up(by):
        raise rules.NotFound()
    found = bpmn.imported(content)
    return _change(by, key, version, lambda _raw: found, at)


@transaction.atomic
def discard_draft(*, by: Viewer, key: str, version: int | None = None) -> None:
    """Forget the draft. Raises NotFound, Conflict."""
    draft = ProcessDraft.objects.select_for_update().filter(key=key).first() if sets_up(by) else None
    if draft is None:
        raise rules.NotFound()
    if version is not None and version != draft.version:
        raise rules.Conflict()
    draft.delete()


@transaction.atomic
def publish_draft(
    *,
    by: Viewer,
    key: str,
    version: int | None = None,
    move: bool = False,
    mapping: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Process:
    """Publish the draft as the next version; with `move` the running cases follow, by `mapping` for steps that go.

    Raises NotFound, Conflict, BadInput with every problem.
    """
    draft = ProcessDraft.objects.select_for_update().filter(key=key).first() if sets_up(by) else None
    if draft is None:
        raise rules.NotFound()
    if version is not None and version != draft.version:
        raise rules.Conflict(_("Somebody has changed this process meanwhile. Please look again."))
    moment = at or timezone.now()
    process = publish_process(definition=draft.definition, by=by.person, at=moment)
    definition = read(process.definition)
    _serve(definition)
    steps = {code for code, node in definition.nodes.items() if not node.end}
    chosen = {old: new for old, new in (mapping or {}).items() if new}
    if not set(chosen.values()) <= steps:
        raise rules.BadInput(_("Running cases can only go to a step of the new version."), field="mapping")
    draft.delete()
    if move:
        ProcessMove.objects.filter(target__key=key, finished_at=None).update(finished_at=moment)
        ProcessMove.objects.create(target=process, mapping=chosen, started_at=moment, started_by=by.person)
    return process


def _serve(definition: Definition) -> None:
    """From now on cases of its subjects take the process. Raises BadInput for a subject that is not there."""
    known = set(Category.objects.filter(code__in=definition.subjects).values_list("code", flat=True))
    unknown = [code for code in definition.subjects if code not in known]
    if unknown:
        raise rules.BadInput(_("There is no subject “%(code)s”.") % {"code": unknown[0]}, field="subjects")
    Category.objects.filter(process=definition.key).exclude(code__in=known).update(process="")
    Category.objects.filter(code__in=known).update(process=definition.key)
