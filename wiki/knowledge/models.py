"""What we keep beside django-wiki's articles."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit


class Page(models.Model):
    """Our side of an article: who owns it and who may read it."""

    class Audience(models.TextChoices):
        PUBLIC = "public", _("everybody")
        OFFICIALS = "officials", _("officials only")

    article = models.OneToOneField("wiki.Article", models.CASCADE, related_name="page")
    unit = models.ForeignKey(Unit, models.SET_NULL, null=True, related_name="+")
    audience = models.CharField(max_length=9, choices=Audience.choices, default=Audience.PUBLIC)
    language = models.CharField(max_length=10, default="zh-hans")
    # When somebody last found that it is still right, and the revision that was looked at.
    reviewed_at = models.DateTimeField(null=True)
    reviewed_revision = models.IntegerField(null=True)

    class Meta:
        verbose_name = _("page of the handbook")
        verbose_name_plural = _("pages of the handbook")

    def __str__(self) -> str:
        return f"page of {self.article_id}"

    @property
    def stream_name(self) -> str:
        """The journal stream of what was done to the page."""
        return f"page-{self.article_id}"
