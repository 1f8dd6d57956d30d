"""The overlay that lets our app wiki.knowledge live beside django-wiki's package of the same import name."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
