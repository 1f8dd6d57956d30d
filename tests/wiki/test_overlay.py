"""Our room and django-wiki live under one import name."""

from pathlib import Path

from django.apps import apps
from django.contrib.staticfiles import finders
from django.db.migrations.loader import MigrationLoader
from django.template.loader import get_template

import wiki

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_folder_holds_the_overlay_and_our_room_only():
    kept = {path.name for path in (ROOT / "wiki").iterdir()} - {"__pycache__"}
    assert kept == {"__init__.py", "knowledge"}


def test_both_folders_are_one_package():
    assert len(wiki.__path__) == 2
    assert Path(apps.get_app_config("knowledge").path) == ROOT / "wiki" / "knowledge"
    assert "site-packages" in apps.get_app_config("wiki").path


def test_upstream_templates_static_files_and_migrations_are_found():
    assert "site-packages" in str(get_template("wiki/view.html").origin)
    assert "site-packages" in str(finders.find("wiki/css/wiki-bootstrap.css") or finders.find("wiki/js/core.js"))
    found = {name for app, name in MigrationLoader(None).disk_migrations if app == "wiki"}
    assert "0001_initial" in found
