"""What we keep beside django-wiki's articles."""

from django.db import models

from accounts.models import Unit


class Page(models.Model):
    """Our side of an article: who owns it and who may read it."""

    class Audience(models.TextChoices):
        PUBLIC = "public"
        OFFICIALS = "officials"

    article = models.OneToOneField("wiki.Article", models.CASCADE, related_name="page")
    unit = models.ForeignKey(Unit, models.SET_NULL, null=True, related_name="+")
    audience = models.CharField(max_length=9, choices=Audience.choices, default=Audience.PUBLIC)
    language = models.CharField(max_length=10, default="zh-hans")
    reviewed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"page of {self.article_id}"
