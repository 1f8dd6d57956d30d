"""The kinds of entries on cases and files: what each means, and the few words a reader gets for it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# On `case-<number>`, which the citizen follows too: nothing internal may stand here. `unit` is {id, name, name_en}.
CASE_EVENTS: dict[str, str] = {
    "case.received": "filed; kind, channel, promised_at, files",
    "case.accepted": "taken up",
    "case.refused": "not taken up; ground, route",
    "case.called": "an official asks the citizen to talk now; talk (number), url",
    "case.asked": "the office asks the citizen, the unit's clock pauses; question, unit",
    "case.clarified": "the citizen answered, the clock runs again; text, files, due_at",
    "case.lapsed": "no answer came in time, the office goes on; due_at",
    "case.dispatched": "sent to a unit; unit, due_at",
    "case.signed_for": "the unit confirms that it has it; unit",
    "case.started": "work has begun; unit",
    "case.returned": "the unit holds another office competent; unit",
    "case.prepared": "a reply is written and being checked; unit",
    "case.reworked": "the reply is worked over; unit",
    "case.answered": "the reply; text, outcome, unit, signed (the leader's office held), due_at",
    "case.rated": "the citizen's verdict; score, words, outcome",
    "case.concluded": "handling is finished; cause (rated or unrated)",
    "case.reopened": "another round; reason, cause (citizen or rating), round, promised_at",
    "case.withdrawn": "taken back by the citizen; reason",
    "case.extended": "a new due time; due_at, days, reason",
    "case.urged": "a reminder by the citizen; words",
    "case.added": "the citizen added something; text, files",
    "case.published": "a redacted copy is public",
    "case.unpublished": "the public copy was taken down",
}
# On `file-<number>`, for the office only.
FILE_EVENTS: dict[str, str] = {
    "note.added": "an internal note; text, files",
    "comment.added": "a leader's words to the office; text",
    "draft.started": "somebody began a reply; reply",
    "dispatch.noted": "the dispatcher's words to the unit; text, unit",
    "return.reasoned": "why the unit returned it; reason, unit, proposed_unit",
    "task.transferred": "given to a colleague; from, to",
    "reply.submitted": "a drafted reply goes to review; reply, text, outcome",
    "reply.approved": "reviewed; reply",
    "reply.sent_back": "to be worked over; reply, reason",
    "reply.signed": "signed; reply",
    "unit.urged": "a supervisor's reminder to the unit; words",
    "file.attached": "a file for the office only; files",
    "light.turned": "a time limit comes near or has passed; light, node, due_at",
    "contact.unmasked": "somebody looked at a reporter's identity; reason",
    "publication.prepared": "a redacted copy waits for the second person",
    "publication.refused": "the second person did not approve; reason",
}
EVENTS: dict[str, str] = CASE_EVENTS | FILE_EVENTS

# What a reader of the timeline sees as the entry's heading.
LABELS: dict[str, Promise] = {
    "case.received": _("Received"),
    "case.accepted": _("Accepted"),
    "case.refused": _("Not accepted"),
    "case.called": _("The office would like to talk to you now"),
    "case.asked": _("Question from the office"),
    "case.clarified": _("Answer to the office's question"),
    "case.lapsed": _("No answer came; the office goes on"),
    "case.dispatched": _("Sent to the office in charge"),
    "case.signed_for": _("The office has it"),
    "case.started": _("Work has begun"),
    "case.returned": _("Another office is being chosen"),
    "case.prepared": _("A reply is written and being checked"),
    "case.reworked": _("The reply is being improved"),
    "case.answered": _("Reply"),
    "case.rated": _("Rating"),
    "case.concluded": _("Concluded"),
    "case.reopened": _("Reopened"),
    "case.withdrawn": _("Taken back"),
    "case.extended": _("More time was approved"),
    "case.urged": _("Reminder"),
    "case.added": _("Added"),
    "case.published": _("Published"),
    "case.unpublished": _("No longer public"),
    "note.added": _("Note"),
    "comment.added": _("The leader's words"),
    "draft.started": _("Draft begun"),
    "dispatch.noted": _("Note to the unit"),
    "return.reasoned": _("Returned"),
    "task.transferred": _("Given to a colleague"),
    "reply.submitted": _("Reply submitted for review"),
    "reply.approved": _("Reply approved"),
    "reply.sent_back": _("Reply sent back"),
    "reply.signed": _("Reply signed"),
    "unit.urged": _("Reminder to the unit"),
    "file.attached": _("File for the office"),
    "light.turned": _("Time limit"),
    "contact.unmasked": _("Identity looked at"),
    "publication.prepared": _("Publication prepared"),
    "publication.refused": _("Publication not approved"),
}
# The words of people in an entry's data: sealed in the entries of confidential cases.
WORDS = ("text", "question", "reason", "words", "ground", "route", "files", "title")
