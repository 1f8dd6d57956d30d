"""Limits of rates: exact, apart for each key, and still there when the shared Redis is not."""

import time

import pytest

from accounts.actions import limit_rate, over_rate
from accounts.rules import TooMany
from tests.ports import free_port

pytestmark = pytest.mark.redis


def uses(most, seconds, name="x", key="a"):
    """Return how many uses were allowed before one was refused."""
    for number in range(1000):
        try:
            limit_rate(name, key, most, seconds)
        except TooMany:
            return number
    return None


def test_as_many_as_allowed_and_not_one_more():
    assert uses(3, 60) == 3
    assert uses(3, 60) == 0
    assert uses(3, 60, key="b") == 3
    assert uses(3, 60, name="y") == 3
    with pytest.raises(TooMany) as refused:
        limit_rate("x", "a", 3, 60)
    assert refused.value.retry_after >= 1


def test_many_are_counted_in_one_trip_each_for_themselves():
    assert over_rate("many", ["a", "b", "a", "c", "a"], 2, 60) == [False, False, False, False, True]
    assert over_rate("many", ["a", "b", "d"], 2, 60) == [True, False, False]
    assert over_rate("many", [], 2, 60) == []


def test_the_window_ends():
    assert uses(2, 1, key="short") == 2
    time.sleep(1.1)
    assert uses(2, 1, key="short") == 2


@pytest.mark.parametrize("turn", [1, 2])
def test_without_the_shared_redis_it_counts_in_the_process(settings, turn):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert uses(5, 60, key=f"lost-{turn}-{time.monotonic()}") == 5
