"""Mailboxes, categories and canned replies: what the office sets up."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Unit


class Category(Named):
    """A node of the category tree, at most three levels deep."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    level = models.PositiveSmallIntegerField(default=1)
    # The first-level ancestor (itself at level 1), so that figures need no recursion.
    root = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    unit = models.ForeignKey(
        Unit, models.SET_NULL, null=True, blank=True, related_name="+", help_text=_("Usually handled by this unit.")
    )
    # Words that suggest it, one a line.
    words = models.TextField(_("words"), blank=True)
    active = models.BooleanField(_("active"), default=True)
    # The process of an office's own that cases of this subject, and of those below it, take; empty: by their kind.
    process = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["code"]


class Mailbox(models.Model):
    """A leader's mailbox."""

    slug = models.SlugField(max_length=60, unique=True)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="mailboxes", verbose_name=_("leader")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="mailboxes", verbose_name=_("unit"))
    title = models.CharField(_("office held"), max_length=120)
    title_en = models.CharField(_("office held, in English"), max_length=120, blank=True)
    name_en = models.CharField(_("leader's name in English"), max_length=80, blank=True)
    duties = models.TextField(_("duties"), blank=True)
    duties_en = models.TextField(_("duties, in English"), blank=True)
    portrait = models.CharField(_("portrait"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        """Name office and leader in the reader's language."""
        english = (get_language() or "").startswith("en")
        return f"{self.office} {(english and self.name_en) or self.leader}"

    @property
    def office(self) -> str:
        """The office that the leader holds, in the reader's language."""
        english = (get_language() or "").startswith("en")
        return (english and self.title_en) or self.title


class CannedReply(models.Model):
    """A prepared answer of a unit (of every unit when it names none), for letters and talks."""

    unit = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    title = models.CharField(_("title"), max_length=80)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    # What stands behind "/" in a send box; "" for those that are only chosen from the list.
    word = models.CharField(_("short name"), max_length=20, blank=True)
    text = models.TextField(_("text"), max_length=4000)

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        indexes = [models.Index(fields=["unit", "language"])]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "language", "word"], condition=~models.Q(word=""), name="canned_word_once"
            )
        ]

    def __str__(self) -> str:
        return self.title
