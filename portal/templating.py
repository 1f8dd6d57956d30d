"""Django's templates without tags that no page of ours loads and whose import brings in a whole REST framework."""

from __future__ import annotations

from importlib import import_module, util
from typing import Any

from django.apps import apps
from django.forms import renderers
from django.template.backends.django import DjangoTemplates, get_package_libraries

# By the app's name: a template that loads tags of these is told that there are none such.
UNUSED = frozenset({"django_comments_xtd"})


class Templates(DjangoTemplates):
    """The backend of settings.TEMPLATES: a tenth of every start is not spent on what nobody asks for."""

    def get_templatetag_libraries(self, custom_libraries: dict[str, str]) -> dict[str, str]:
        """Return where each library of tags is, by the name that `load` knows it by."""
        packages = ["django.templatetags"]
        packages += [f"{app.name}.templatetags" for app in apps.get_app_configs() if app.name not in UNUSED]
        found: dict[str, str] = {}
        for package in filter(util.find_spec, packages):
            found |= {path.removeprefix(f"{package}."): path for path in get_package_libraries(import_module(package))}
        return found | custom_libraries

    def _check_for_template_tags_with_the_same_name(self) -> list[object]:
        """Have nothing to say: Django's own check would load the unused ones after all."""
        return []


# Two templates for each option take 5 ms of a page on which a case may go to one of 200 units.
OURS = {"django/forms/widgets/select.html": "portal/parts/select.html"}


class Forms(renderers.DjangoTemplates):
    """The same for settings.FORM_RENDERER, which has an engine of its own; choices in one template."""

    backend = Templates

    def get_template(self, template_name: str) -> Any:
        """Return the template, or ours in its place."""
        return super().get_template(OURS.get(template_name, template_name))
