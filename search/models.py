"""One row for everything that can be found, whatever room it lives in."""

from django.db import models


class Document(models.Model):
    """A findable text. Only words that every reader of `audience` may see may stand in it."""

    # "case", "topic", "article" and the key within the room.
    room = models.CharField(max_length=20)
    ref = models.CharField(max_length=60)
    # "public", "officials" or the key of a narrower audience, such as "unit-7".
    audience = models.CharField(max_length=60, default="public")
    language = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=200)
    text = models.TextField()
    url = models.CharField(max_length=200)
    at = models.DateTimeField()
    # What lists of this room are narrowed by: "unit3 category7".
    facets = models.CharField(max_length=200, blank=True)
    # Seconds of `at`, then the id: the number of the full-text row, so that "newest first" needs no sorting.
    place = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "ref", "audience"], name="document_once")]
        indexes = [models.Index(fields=["room", "audience", "-at"])]

    def __str__(self) -> str:
        return self.title
