"""Django's admin for administrators: units, persons and posts, each change by our own actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from . import actions
from .models import Person, Post, Unit
from .rules import RuleBroken


class ActionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose saving is an action: a rule's refusal becomes a form error instead of a broken page."""

    def act(self) -> Any:
        """Do it and return the row. Raises RuleBroken."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Act as the last part of validation, when every field is good."""
        given = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.instance = self.act()
            except RuleBroken as broken:
                raise ValidationError(str(broken)) from None
        return given

    def _post_clean(self) -> None:
        """Nothing to copy onto the row: the action has written it."""


class UnitForm(ActionForm):
    """A unit and its place in the tree."""

    class Meta:
        model = Unit
        fields = ("code", "name", "name_en", "kind", "parent", "phone", "active")

    def act(self) -> Unit:
        """Place the unit."""
        given = dict(self.cleaned_data)
        parent = given.pop("parent")
        if self.instance.pk:
            given["code"] = self.instance.code
        return actions.place_unit(parent_id=parent.pk if parent else None, **given)


class PostForm(ActionForm):
    """Who serves where, in which role, from when."""

    class Meta:
        model = Post
        fields = ("person", "unit", "role", "since", "until")

    def act(self) -> Post:
        """Add the post."""
        given = self.cleaned_data
        return actions.add_post(
            person_id=given["person"].pk, unit_id=given["unit"].pk, role=given["role"], since=given["since"],
            until=given["until"],
        )  # fmt: skip


class Acting(admin.ModelAdmin):  # type: ignore[type-arg]
    """Saves nothing itself: the form has acted. Nothing is deleted: what others point at ends or is switched off."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted here."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing left to do."""

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Return the row that the action has written."""
        return form.instance

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing left to do."""


@admin.register(Unit)
class UnitAdmin(Acting):
    """Units."""

    form = UnitForm
    list_display = ("name", "name_en", "code", "kind", "parent", "active")
    list_filter = ("kind", "active")
    search_fields = ("name", "name_en", "code")
    autocomplete_fields = ("parent",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A unit's code is its name for imports and links: it stays."""
        return ("code",) if obj else ()


@admin.register(Person)
class PersonAdmin(Acting):
    """Persons: looked at, closed and opened; they change their own details themselves."""

    list_display = ("name", "username", "email", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("name", "username", "email")
    fields = ("name", "username", "email", "phone", "language", "is_active", "last_login", "date_joined")
    actions = ("close", "reopen", "sign_out")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People make their own accounts."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People change their own details."""
        return False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Show an account; that it was looked at is recorded."""
        answer = super().change_view(request, object_id, *args, **kwargs)
        if answer.status_code == 200 and object_id.isdecimal():
            actions.account_looked_at(person_id=int(object_id), by=request.user.pk or 0)
        return answer

    @admin.action(description=_("Close the accounts"))
    def close(self, request: HttpRequest, chosen: QuerySet[Person]) -> None:
        """Close accounts; their sessions end at once."""
        each(self, request, chosen, lambda person: actions.set_active(person_id=person.pk, active=False))

    @admin.action(description=_("Open the accounts again"))
    def reopen(self, request: HttpRequest, chosen: QuerySet[Person]) -> None:
        """Open accounts."""
        each(self, request, chosen, lambda person: actions.set_active(person_id=person.pk, active=True))

    @admin.action(description=_("Sign them out everywhere"))
    def sign_out(self, request: HttpRequest, chosen: QuerySet[Person]) -> None:
        """End sessions."""
        each(self, request, chosen, lambda person: actions.sign_out_everywhere(person_id=person.pk))


@admin.register(Post)
class PostAdmin(Acting):
    """Posts: begun here and ended here, never rewritten."""

    form = PostForm
    list_display = ("person", "role", "unit", "since", "until")
    list_filter = ("role",)
    search_fields = ("person__name", "person__username", "unit__name")
    list_select_related = ("person", "unit")
    autocomplete_fields = ("person", "unit")
    actions = ("end",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A post that was held is history; the list's own action ends it."""
        return obj is None and super().has_change_permission(request, obj)

    @admin.action(description=_("End the posts now"))
    def end(self, request: HttpRequest, chosen: QuerySet[Post]) -> None:
        """End posts; what they opened closes at once."""
        each(self, request, chosen, lambda post: actions.end_post(post_id=post.pk))


def each(page: Acting, request: HttpRequest, chosen: QuerySet[Any], act: Any) -> None:
    """Act on each of the chosen rows and say what could not be done."""
    done = 0
    for row in chosen:
        try:
            act(row)
            done += 1
        except RuleBroken as broken:
            page.message_user(request, f"{row}: {broken}", messages.WARNING)
    page.message_user(request, _("%(count)d done.") % {"count": done}, messages.SUCCESS)
