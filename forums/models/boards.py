"""Boards, who writes in a blog, and the words that moderators want to see first."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Unit
from engagement.models import Case

# What a topic may become: a report is confidential from its first word, and an application is the applicant's own.
RAISED = [kind for kind in Case.Kind.values if kind not in (Case.Kind.REPORT, Case.Kind.APPLICATION)]


class Board(Named):
    """A place for topics about one matter or neighbourhood, or the blog of experts and offices."""

    class Kind(models.TextChoices):
        COMMUNITY = "community", _("community")
        DISTRICT = "district", _("district")
        TOPIC = "topic", pgettext_lazy("board", "subject")
        BLOG = "blog", _("blog")

    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.TOPIC)
    about = models.CharField(_("about"), max_length=300, blank=True)
    about_en = models.CharField(_("about, in English"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    members_only = models.BooleanField(_("members only"), default=False)
    active = models.BooleanField(default=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit that answers"),
        help_text=_("Empty: the city itself."),
    )  # fmt: skip
    answers_all = models.BooleanField(_("every topic is to be answered"), default=False)
    answer_days = models.PositiveSmallIntegerField(_("working days for the official answer"), default=5)
    supports_needed = models.PositiveSmallIntegerField(
        _("supporters from whom on a topic must be answered"), default=20, help_text=_("0: never.")
    )
    # What a topic becomes in one click.
    case_kind = models.CharField(
        _("kind of case a topic becomes"), max_length=12, default=Case.Kind.HELP_REQUEST,
        choices=[choice for choice in Case.Kind.choices if choice[0] in RAISED],
    )  # fmt: skip
    # Standing topics, so that the list of boards counts nothing.
    topic_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("board")
        verbose_name_plural = _("boards")
        ordering = ["position", "pk"]

    @property
    def about_label(self) -> str:
        """What the board is about, in the reader's language."""
        english = (get_language() or "").startswith("en")
        return self.about_en if english and self.about_en else self.about

    @property
    def is_blog(self) -> bool:
        """Whether only its writers open topics."""
        return self.kind == self.Kind.BLOG


class Writer(models.Model):
    """An expert or official who writes in a blog, and how readers know them."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="writers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    title = models.CharField(pgettext_lazy("writer", "title"), max_length=120)
    title_en = models.CharField(_("title, in English"), max_length=120, blank=True)
    about = models.CharField(_("about"), max_length=400, blank=True)
    about_en = models.CharField(_("about, in English"), max_length=400, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("blog writer")
        verbose_name_plural = _("blog writers")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["board", "person"], name="writer_once")]

    def __str__(self) -> str:
        return f"{self.person} · {self.board}"

    @property
    def title_label(self) -> str:
        """The title in the reader's language."""
        return self.title_en if (get_language() or "").startswith("en") and self.title_en else self.title

    @property
    def about_label(self) -> str:
        """Who it is, in the reader's language."""
        return self.about_en if (get_language() or "").startswith("en") and self.about_en else self.about


class BoardMember(models.Model):
    """Somebody asked to join a board that only its members read; `since` says from when on they do."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    words = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    since = models.DateTimeField(null=True)
    let_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "person"], name="board_member_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.board_id}"


class BoardFollow(models.Model):
    """Somebody wants a digest of a board's new topics."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="follows")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "person"], name="board_follow_once")]
        indexes = [models.Index(fields=["told_at"])]

    def __str__(self) -> str:
        return f"{self.person_id} follows {self.board_id}"


class WatchedWord(models.Model):
    """A word that holds a post for review, or refuses it."""

    class Does(models.TextChoices):
        HOLD = "hold", _("hold for review")
        REFUSE = "refuse", _("refuse")

    word = models.CharField(_("word"), max_length=60, unique=True)
    does = models.CharField(_("what happens"), max_length=6, choices=Does.choices, default=Does.HOLD)
    note = models.CharField(pgettext_lazy("word", "note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("watched word")
        verbose_name_plural = _("watched words")
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word
