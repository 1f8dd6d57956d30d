"""What is written to the stream of a topic."""

EVENTS: dict[str, str] = {
    "topic.opened": "Somebody opened a topic. data: board (slug)",
    "topic.replied": "A reply was posted; its text is read from the page. data: reply (id), official (bool)",
    "topic.reply_edited": "Its author changed a reply. data: reply (id)",
    "topic.reply_hidden": "A moderator took a reply away. data: reply (id), reason",
    "topic.reply_shown": "A moderator gave a reply back. data: reply (id)",
    "topic.locked": "A moderator closed the topic to replies. data: reason",
    "topic.unlocked": "A moderator opened the topic to replies again. data: none",
    "topic.hidden": "A moderator took the topic away. data: reason",
    "topic.shown": "A moderator gave the topic back. data: none",
    "topic.became_case": "An official made a case of the topic. data: none (the case's number is not public)",
}
