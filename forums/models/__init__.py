"""What the forums keep: boards, topics, replies, who reads what, and what moderators have to look at."""

from .boards import RAISED, Board, BoardFollow, BoardMember, WatchedWord, Writer
from .keeping import Flag, Review, Revision
from .readers import Draft, Member, Reaction, Reading
from .topics import Option, Picture, Poll, Reply, Tagged, Topic, Vote

__all__ = [
    "RAISED",
    "Board",
    "BoardFollow",
    "BoardMember",
    "Draft",
    "Flag",
    "Member",
    "Option",
    "Picture",
    "Poll",
    "Reaction",
    "Reading",
    "Reply",
    "Review",
    "Revision",
    "Tagged",
    "Topic",
    "Vote",
    "WatchedWord",
    "Writer",
]
