"""Registers our room beside django-wiki, and django-wiki's own apps with what they need to be told."""

from pathlib import Path

import django_nyt.apps
from django.apps import AppConfig

import wiki.apps
import wiki.plugins.attachments.apps

# Without the installed folder as its path the upstream app would look for templates in our overlay.
UPSTREAM = Path(wiki.apps.__file__).parent


class KnowledgeConfig(AppConfig):
    """The room wiki.knowledge."""

    name = "wiki.knowledge"
    label = "knowledge"


class Upstream(wiki.apps.WikiConfig):
    """django-wiki itself."""

    default = False
    path = str(UPSTREAM)
    default_auto_field = "django.db.models.AutoField"


class Attachments(wiki.plugins.attachments.apps.AttachmentsConfig):
    """django-wiki's attachments."""

    default = False
    default_auto_field = "django.db.models.AutoField"


class Nyt(django_nyt.apps.DjangoNytConfig):
    """The notification app django-wiki asks for; unused, our notices tell people."""

    default = False
