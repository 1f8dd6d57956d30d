"""Every kind of entry this room writes, with what it means and what its data holds."""

EVENTS: dict[str, str] = {
    "talk.opened": "A citizen or visitor asked for a talk and waits. Data: desk (id), side.",
    "talk.asked": "An official began the talk from a case. Data: case (number), name, side.",
    "talk.taken": "An officer joined. Data: officer (id), name, side.",
    "talk.returned": "The talk waits again, in its place. Data: reason (officer: handed back; gone: lost), side.",
    "talk.message_offered": "Nobody is on duty any more; the opener is asked to leave a message instead. Data: none.",
    "talk.became_message": "The talk became a message that is answered in writing, as a case. Data: none.",
    "talk.became_case": "A case was made of the talk, with its thread and its clock. Data: case (number), side.",
    "talk.abandoned": "The opener left before an officer came. Data: reason (left: said so; gone: not heard of).",
    "talk.ended": "The talk is over. Data: side.",
    "talk.rated": "The opener rated the talk. Data: score (1 to 5).",
    "talk.read": "A side has read up to a number. Data: side, seq.",
    "message.said": "Words. Data: text, side (citizen, officer), key (the sender's own), name (an officer's), files,"
    " quotes, edited.",
    "message.edited": "A message was changed by its author, and reads so itself. Data: seq, text, side, key.",
    "message.deleted": "A message was taken back by its author. Data: seq, side, key.",
    "message.withdrawn": "What is left of a message that was taken back, under its number. Data: side, key, name.",
    "message.kept": "What a message said before, sealed, on a stream that nobody follows. Data: seq, sealed.",
    "talk.mailed": "The thread was sent by e-mail to the address its reader gave. Data: side.",
    "talk.noted": "A note for colleagues, on the stream notes-…; never for the citizen. Data: text, name, key.",
    "desk.changed": "A queue changed. Data: talk, what (opened, taken, returned, left, ended), waiting (count).",
    "duty.changed": "An officer's duty changed, on each of their desks. Data: officer (id), state (on, busy, away).",
}
