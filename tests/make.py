"""The cast: plain functions that make persons and units for tests, by name."""

import io
from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.models import Person, Post, Role, Unit
from accounts.viewers import Viewer, person_viewer

PASSWORD = "correct-horse-battery"
LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.get_default_timezone())


def unit(code: str = "housing", parent: Unit | None = None, name: str = "", name_en: str = "") -> Unit:
    """Return the unit, made if need be; without a parent it hangs below the city "city"."""
    found = Unit.objects.filter(code=code).first()
    if found:
        return found
    if parent is None and code != "city":
        parent = unit("city", name="明湖市政府", name_en="City Government")
    made = Unit.objects.create(
        code=code,
        name=name or code,
        name_en=name_en or code.title(),
        parent=parent,
        kind=Unit.Kind.CITY if code == "city" else Unit.Kind.BUREAU,
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    return made


def person(username: str = "wang", name: str = "") -> Person:
    """Return a citizen who can sign in with PASSWORD."""
    found = Person.objects.filter(username=username).first()
    if found:
        return found
    made = _somebody(username, name)
    made.save()
    return made


def _somebody(username: str, name: str = "") -> Person:
    made = Person(username=username, name=name or username.title(), email=f"{username}@example.org", language="en")
    made.set_password(PASSWORD)
    return made


def official(username: str = "olga", role: str = Role.HANDLER, at: Unit | None = None) -> Person:
    """Return a person who holds the role at the unit (the housing office unless given) since long ago."""
    made = person(username)
    Post.objects.get_or_create(person=made, unit=at or unit(), role=role, defaults={"since": LONG_AGO})
    return made


def officials(*posts: tuple[str, str, Unit]) -> dict[str, Viewer]:
    """Return viewers by username who hold the (username, role, unit) since long ago: many in a few questions."""
    # In the order given, so that ids are the same every time.
    names = list(dict.fromkeys(username for username, _role, _unit in posts))
    people = {one.username: one for one in Person.objects.filter(username__in=names)}
    new = [_somebody(username) for username in names if username not in people]
    people |= {one.username: one for one in Person.objects.bulk_create(new)}
    known = Post.objects.filter(person__username__in=names, until=None)
    held = {(post.person_id, post.role, post.unit_id) for post in known}
    wanted = [Post(person=people[name], role=role, unit=at, since=LONG_AGO) for name, role, at in posts]
    Post.objects.bulk_create(post for post in wanted if (post.person_id, post.role, post.unit_id) not in held)
    return {name: viewer(person) for name, person in people.items()}


def viewer(of: Person) -> Viewer:
    """Return the viewer that the person is now."""
    return person_viewer(of)


def picture(name: str = "lift.jpg", size: tuple[int, int] = (40, 30), **saved: object) -> SimpleUploadedFile:
    """Return a small JPEG as somebody uploads it; `saved` goes into it, for example exif=…."""
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", **saved)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")
