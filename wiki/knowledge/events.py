"""What is written to the stream of a page of the handbook; nobody follows it live, auditors read it."""

EVENTS: dict[str, str] = {
    "page.created": "A page was created. data: path, revision (id)",
    "page.changed": "Its words were changed. data: revision (id), before (id)",
    "page.moved": "It moved in the tree. data: before (path), path",
    "page.deleted": "It was taken away, with everything below it hidden. data: path",
    "page.restored": "It was given back. data: path",
    "page.proposed": "Somebody proposed other words, or a new page. data: proposal (id)",
    "page.approved": "A second person let them stand. data: proposal (id), author (id)",
    "page.sent_back": "A second person sent them back with a reason. data: proposal (id)",
    "page.withdrawn": "Their author took them back. data: proposal (id)",
    "page.cared_for": "Owner, day of the next check or translation were set. data: unit (id), expires_on, twin (id)",
    "page.expiring": "Its unit was told that it must be looked at again. data: expires_on",
    "page.remarked": "On remarks-<article>: somebody spoke below the page. data: remark (id)",
    "page.remark_hidden": "On remarks-<article>: what somebody said was hidden. data: remark (id)",
    "page.file_added": "A file was put beside it. data: file (id), name",
    "page.file_removed": "A file was taken off. data: file (id)",
    "page.reviewed": "Somebody found it still right. data: revision (id)",
}
