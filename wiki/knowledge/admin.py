"""Takes django-wiki's tables out of the admin: its tree is changed by our actions only, under a lock."""

from django.contrib import admin

import wiki.admin
import wiki.plugins.attachments.admin  # noqa: F401

for model in list(admin.site._registry):
    if model._meta.app_label in ("wiki", "wiki_attachments"):
        admin.site.unregister(model)
