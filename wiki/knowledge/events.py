"""What is written to the stream of a page of the handbook; nobody follows it live, auditors read it."""

EVENTS: dict[str, str] = {
    "page.created": "A page was created. data: path, revision (id)",
    "page.changed": "Its words were changed. data: revision (id), before (id)",
    "page.moved": "It moved in the tree. data: before (path), path",
    "page.deleted": "It was taken away, with everything below it hidden. data: path",
    "page.restored": "It was given back. data: path",
    "page.reviewed": "Somebody found it still right. data: revision (id)",
}
