"""Django's templates without tags that no page of ours loads and whose import brings in a whole REST framework."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module, util
from typing import Any

from django.apps import apps
from django.forms import renderers
from django.template.backends.django import DjangoTemplates, get_package_libraries
from django.utils.html import conditional_escape as said

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


class Forms(renderers.DjangoTemplates):
    """The same for settings.FORM_RENDERER, which has an engine of its own; the usual fields without a template.

    A case at the workbench has forty fields: to fill in two templates for each took a fifth of the page.
    """

    backend = Templates

    def render(self, template_name: str, context: Any, request: Any = None) -> str:
        """Return the field as Django's template of that name does, letter by letter but for spaces in choices."""
        write = WRITTEN.get(template_name)
        return write(context["widget"]) if write else super().render(template_name, context, request)


def _input(widget: dict[str, Any]) -> str:
    value = "" if widget["value"] is None else f' value="{said(widget["value"])}"'
    return f'<input type="{said(widget["type"])}" name="{said(widget["name"])}"{value}{_attributes(widget)}>'


def _textarea(widget: dict[str, Any]) -> str:
    words = said(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{said(widget["name"])}"{_attributes(widget)}>\n{words}</textarea>'


def _select(widget: dict[str, Any]) -> str:
    written = [f'<select name="{said(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        written.append(f'<optgroup label="{said(group)}">' if group else "")
        for each in options:
            written.append(f'<option value="{said(each["value"])}"{_attributes(each)}>')
            written.append(f"{said(each['label'])}</option>")
        written.append("</optgroup>" if group else "")
    return "".join([*written, "</select>"])


def _attributes(widget: dict[str, Any]) -> str:
    told = [(name, value) for name, value in widget["attrs"].items() if value is not False]
    return "".join(f" {name}" if value is True else f' {name}="{said(value)}"' for name, value in told)


INPUTS = ("checkbox", "date", "datetime", "email", "file", "hidden", "number", "password", "text", "time", "url")
WRITTEN: dict[str, Callable[[dict[str, Any]], str]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}
