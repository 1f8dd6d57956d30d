"""A small city in which every role holds its post and every kind of object exists, with canaries where few may look.

The matrix (tests/test_matrix.py) walks through it as each role. Everything is made by the rooms' own actions.
"""

from .matters import cases
from .pages import admin, forum, notice, wiki
from .people import CANARIES, World, people
from .talks import rooms, roster, talk, watched_talk

__all__ = ["CANARIES", "World", "build"]


def build() -> World:
    """Make the city, its people, and one of everything."""
    world = World()
    people(world)
    cases(world)
    talk(world)
    watched_talk(world)
    roster(world)
    rooms(world)
    forum(world)
    wiki(world)
    notice(world)
    admin(world)
    for name, stream in world.streams.items():
        prefix = stream.partition("-")[0]
        world.add(f"stream-{name}", {"stream": f"{prefix}-ZZZZZZZZZZ"}, stream=stream)
    nonsense = dict.fromkeys(("token", "uid", "signed"), "nonsense")
    world.add("nonsense", dict.fromkeys(nonsense, "rubbish"), **nonsense)
    # Every session begins before the first question, so that each answer's changes can be taken back whole.
    for role in world.people:
        world.client(role)
    return world
