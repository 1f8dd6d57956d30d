"""Service requests of New York City's 311 as its open-data portal exports them, one a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from ..models import Case, Category
from ..rules import PLACE, REPLY, TEXT, TITLE, BadInput, check_point
from . import cells
from .incoming import Incoming, Reader
from .sheets import Row

PREFIX = "nyc311"
NEEDED = ("Unique Key", "Created Date", "Closed Date", "Agency", "Complaint Type", "Status")
# An open request stays open here: assigned to its agency or not yet looked at.
STATUSES = {
    "Closed": Case.Status.CONCLUDED,
    "In Progress": Case.Status.IN_PROGRESS,
    "Assigned": Case.Status.IN_PROGRESS,
    "Started": Case.Status.IN_PROGRESS,
    "Pending": Case.Status.IN_PROGRESS,
    "Open": Case.Status.RECEIVED,
    "Unspecified": Case.Status.RECEIVED,
}
CHANNELS = {
    "ONLINE": Case.Channel.FORM,
    "MOBILE": Case.Channel.API,
    "PHONE": Case.Channel.PHONE,
}
CLOSED_WITHOUT_WORDS = "The request was closed by the agency."


@dataclass(frozen=True)
class Agencies:
    """Which unit answers for an agency ("NYPD"), and which one for all others."""

    default_id: int | None
    by_code: dict[str, int] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)


def reader(agencies: Agencies) -> Reader:
    """Return what turns a row into a case."""

    def read(row: Row) -> Incoming:
        return _request(row, agencies)

    return read


def _request(row: Row, agencies: Agencies) -> Incoming:
    cell = row.cells
    key = cells.words(cell.get("Unique Key"), most=60, least=1, field="Unique Key")
    kind = cells.words(cell.get("Complaint Type"), most=120, least=1, field="Complaint Type")
    detail = cells.words(cell.get("Descriptor"), most=120, field="Descriptor")
    agency = cells.words(cell.get("Agency"), most=40, least=1, field="Agency")
    status = STATUSES.get(cells.words(cell.get("Status"), most=40, field="Status"))
    if status is None:
        raise BadInput(_("The status “%(status)s” is not known.") % {"status": cell.get("Status")}, field="Status")
    received, closed = _times(row, status)
    latitude, longitude = check_point(
        cells.decimal(cell.get("Latitude"), field="Latitude"), cells.decimal(cell.get("Longitude"), field="Longitude")
    )
    reply = cells.prose(cell.get("Resolution Description"), most=REPLY, field="Resolution Description")
    return Incoming(
        source=f"{PREFIX}:{key}",
        kind=Case.Kind.COMPLAINT,
        channel=CHANNELS.get(str(cell.get("Open Data Channel Type")), Case.Channel.IMPORT),
        title=f"{kind}: {detail}"[:TITLE] if detail else kind,
        text=_text(row, kind, detail),
        received_at=received,
        language="en",
        status=status,
        reply=(reply or CLOSED_WITHOUT_WORDS) if closed else "",
        answered_at=closed,
        concluded_at=closed,
        due_at=_due(row),
        unit_id=agencies.by_code.get(agency.casefold(), agencies.default_id),
        category=agencies.categories.get(kind.casefold()),
        place=_place(row),
        latitude=latitude,
        longitude=longitude,
        published=bool(closed),
    )


def _times(row: Row, status: str) -> tuple[datetime, datetime | None]:
    """Return when the request came and when it was closed, None while it is open. Raises BadInput."""
    received, _day_only = cells.moment(row.cells.get("Created Date"), field="Created Date")
    if status != Case.Status.CONCLUDED:
        return received, None
    closed, _day_only = cells.moment(row.cells.get("Closed Date"), field="Closed Date")
    if closed < received:
        raise BadInput(_("It was closed before it was created."), field="Closed Date", code="wrong_order")
    return received, closed


def _due(row: Row) -> datetime | None:
    value = row.cells.get("Due Date")
    return cells.moment(value, field="Due Date")[0] if value else None


def _place(row: Row) -> str:
    """Return address and borough, as far as they are given."""
    parts = [row.cells.get("Incident Address"), row.cells.get("City") or row.cells.get("Borough")]
    return cells.words(", ".join(str(part) for part in parts if part), most=PLACE, field="Incident Address")


def _text(row: Row, kind: str, detail: str) -> str:
    """Return the request in sentences; the file has fields instead of a citizen's words."""
    where = cells.words(row.cells.get("Location Type"), most=120, field="Location Type")
    parts = [f"{kind}{f' ({detail})' if detail else ''}{f', {where}' if where else ''}.", _place(row)]
    return cells.prose("\n".join(part for part in parts if part), most=TEXT, field="Complaint Type")
