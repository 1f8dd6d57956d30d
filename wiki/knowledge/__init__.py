"""Our rights, look and links over django-wiki."""
