"""Persons, units and posts."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    """Something with a name in the city's language and, where it differs, one in English."""

    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.label_in(get_language() or "")

    def label_in(self, language: str) -> str:
        """Return the name for readers of `language`, a code such as "en" or "zh-hans"."""
        return self.name_en if language.startswith("en") and self.name_en else self.name


class Unit(Named):
    """A place in the city's tree: city, bureau or district, office or street."""

    class Kind(models.TextChoices):
        CITY = "city", _("city")
        BUREAU = "bureau", _("bureau")
        DISTRICT = "district", _("district")
        OFFICE = "office", _("office")
        STREET = "street", _("street")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.BUREAU)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # "/1/7/": ids from the root down, so that a subtree is one indexed range.
    path = models.CharField(max_length=200, db_index=True, editable=False, default="")
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["path"]


class Person(AbstractUser):
    """Somebody who can sign in: a citizen, and with a post an official."""

    name = models.CharField(_("name"), max_length=80)
    nickname = models.CharField(_("nickname"), max_length=40, blank=True, help_text=_("Shown in the forums."))
    # What nicknames that look alike have in common: two persons never have the same.
    nickname_key = models.CharField(max_length=160, blank=True, editable=False)
    phone = models.CharField(_("mobile number"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Raised by "sign out everywhere": no session opened before fits any more.
    session_round = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        # What people sign in with besides their user names.
        indexes = [
            models.Index(Lower("email"), condition=~Q(email=""), name="person_by_email"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="person_by_phone"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["email"], name="person_email_once", condition=~Q(email="")),
            models.UniqueConstraint(
                fields=["nickname_key"], name="person_nickname_once", condition=~Q(nickname_key="")
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Return what sessions are checked against: it changes with the password and with every sign-out everywhere."""
        salt = "accounts.models.Person.session"
        return salted_hmac(salt, f"{self.password}/{self.session_round}", secret=secret, algorithm="sha256").hexdigest()

    @cached_property
    def is_administrator(self) -> bool:
        """Whether the person holds the role of administrator now."""
        now = timezone.now()
        held = self.posts.filter(Q(until__isnull=True) | Q(until__gt=now), role=Role.ADMINISTRATOR, since__lte=now)
        return self.is_active and held.exists()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Return whether Django's admin may show something: to administrators; nothing else asks for permissions."""
        return self.is_administrator

    def has_module_perms(self, app_label: str) -> bool:
        """Return whether Django's admin may show a room."""
        return self.is_administrator

    def get_full_name(self) -> str:
        """Return the name: the one field that holds it."""
        return self.name


class Role(models.TextChoices):
    """What somebody does at a unit; domain.md's words."""

    DUTY_OFFICER = "duty_officer", _("duty officer")
    INTAKE_OFFICER = "intake_officer", _("intake officer")
    DISPATCHER = "dispatcher", _("dispatcher")
    HANDLER = "handler", _("handler")
    REVIEWER = "reviewer", _("reviewer")
    LEADER = "leader", _("leader")
    SECRETARY = "secretary", _("secretary")
    CALLBACK_OFFICER = "callback_officer", _("callback officer")
    SUPERVISOR = "supervisor", _("supervisor")
    MODERATOR = "moderator", _("moderator")
    ADMINISTRATOR = "administrator", _("administrator")
    AUDITOR = "auditor", _("auditor")


class Post(models.Model):
    """One person serves at one unit in one role, from a moment until another."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="post_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["person", "unit", "role"], condition=Q(until__isnull=True), name="post_open_once"
            ),
        ]
        indexes = [models.Index(fields=["unit", "role"])]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()} · {self.unit}"
