"""A new database in a third of the time: what a migration does not change is not made anew.

After each table, column and index Django's executor renders anew whatever is linked with it, which in this house is
nearly everything: most of the time of all migrations. Migrations only forwards, on a database without rows, have no use
for that: what a new model points at stays as it was, and nobody looks back at the state before.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.apps import apps
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Field

CLONE: Any = Field.clone


@contextmanager
def new_models_alone() -> Iterator[None]:
    """Within it migrations run forwards quicker, to the same tables; none must run backwards."""
    quicker: list[tuple[Any, str, Any]] = [
        (ProjectState, "add_model", _add_model),
        (ProjectState, "_append_option", _append_option),
        (ProjectState, "_remove_option", _remove_option),
        (Field, "clone", _clone),
        # Every model that is rendered makes Django forget which models settings name; they name the same ones.
        (apps, "get_swappable_settings_name", cache(apps.get_swappable_settings_name)),
    ]
    whole = [(owner, name, getattr(owner, name)) for owner, name, _own in quicker]
    try:
        for owner, name, own in quicker:
            setattr(owner, name, own)
        yield
    finally:
        for owner, name, was in whole:
            setattr(owner, name, was)


def _add_model(state: Any, model: ModelState) -> None:
    key = model.app_label, model.name_lower
    state.models[key] = model
    if state._relations is not None:
        state.resolve_model_relations(key)
    if "apps" in vars(state):
        state.apps.render_multiple([model])


def _append_option(state: Any, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
    options = state.models[app_label, model_name].options
    _set_option(state, app_label, model_name, option_name, [*options[option_name], obj])


def _remove_option(state: Any, app_label: str, model_name: str, option_name: str, obj_name: str) -> None:
    options = state.models[app_label, model_name].options
    _set_option(state, app_label, model_name, option_name, [o for o in options[option_name] if o.name != obj_name])


def _set_option(state: Any, app_label: str, model_name: str, option_name: str, value: list[Any]) -> None:
    """An index or a constraint concerns one table: its model is told, and no other one made anew."""
    state.models[app_label, model_name].options[option_name] = value
    if "apps" in vars(state):
        setattr(state.apps.get_model(app_label, model_name)._meta, option_name, value)


def _clone(field: Any) -> Any:
    """Return a field as its class would make it, after all others; one that leads elsewhere keeps to Django's way."""
    if field.is_relation:
        return CLONE(field)
    made = copy.copy(field)
    # Keys that Django adds by itself keep their number: they come before all others.
    if not made.auto_created:
        made.creation_counter = Field.creation_counter
        Field.creation_counter += 1
    return made
