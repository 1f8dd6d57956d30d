"""What the migrations have made is what the models say; they run in a quicker way of ours, see portal/migrating.py."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

pytestmark = pytest.mark.django_db
# What PostgreSQL searches by; its texts stand in no model.
MORE = {"search_document": {"title_words", "words"}}
MODELS = [
    model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
]


@pytest.mark.parametrize("app", sorted({model._meta.app_label for model in MODELS}))
def test_the_tables_are_what_the_models_say(app: str):
    with connection.cursor() as cursor:
        for model in MODELS:
            if model._meta.app_label == app:
                compare(model._meta, cursor)


def compare(said: Any, cursor: Any) -> None:
    made = {column.name: column for column in connection.introspection.get_table_description(cursor, said.db_table)}
    fields = {field.column: field for field in said.local_concrete_fields}
    assert made.keys() - MORE.get(said.db_table, set()) == fields.keys(), said.db_table
    assert {name for name in fields if made[name].null_ok} == {name for name, field in fields.items() if field.null}, (
        said.db_table
    )
    found = connection.introspection.get_constraints(cursor, said.db_table)
    named = {one.name for one in (*said.indexes, *said.constraints)}
    assert named <= found.keys(), said.db_table
    indexed = [one["columns"] for one in found.values() if one["index"] or one["unique"] or one["primary_key"]]
    unique = [one["columns"] for one in found.values() if one["unique"] or one["primary_key"]]
    for name, field in fields.items():
        assert not field.unique or [name] in unique, (said.db_table, name)
        assert not field.db_index or [name] in indexed, (said.db_table, name)
    for group in said.unique_together:
        assert [said.get_field(name).column for name in group] in unique, (said.db_table, group)
    leads = {name for one in found.values() if one["foreign_key"] for name in one["columns"]}
    assert {name for name, field in fields.items() if field.is_relation and field.db_constraint} <= leads, said.db_table
