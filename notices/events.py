"""The events that this room writes to the journal."""

EVENTS: dict[str, str] = {
    "notice.made": "On person-<id>: somebody has a new notice. Data: kind, unread (how many are unread with it).",
    "notice.read": "On person-<id>: notices were marked as read. Data: unread (how many are left).",
}
