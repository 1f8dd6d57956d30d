"""Which replies somebody has read: one bit a reply, so that "unread" is exact whatever was read in which order."""

from __future__ import annotations

from collections.abc import Iterable

Bits = bytes | memoryview


def of(numbers: Iterable[int]) -> bytes:
    """Return the marks in which exactly these numbers (from 1) are set."""
    return _bytes(_mask(numbers))


def add(bits: Bits, numbers: Iterable[int]) -> bytes:
    """Return the marks with these numbers set too."""
    return _bytes(_int(bits) | _mask(numbers))


def drop(bits: Bits, numbers: Iterable[int]) -> bytes:
    """Return the marks with these numbers not set any more."""
    return _bytes(_int(bits) & ~_mask(numbers))


def unread(last: int, gone: Bits, read: Bits) -> int:
    """Return how many of the numbers 1 to `last` are neither gone nor read."""
    every = ((1 << last) - 1) << 1
    return (every & ~_int(gone) & ~_int(read)).bit_count()


def lacks(bits: Bits, numbers: Iterable[int]) -> bool:
    """Return whether any of the numbers is not set."""
    mask = _mask(numbers)
    return _int(bits) & mask != mask


def holds(bits: Bits, number: int) -> bool:
    """Return whether the number is set."""
    return bool(_int(bits) >> number & 1)


def first_unread(last: int, gone: Bits, read: Bits) -> int:
    """Return the lowest of the numbers 1 to `last` that is neither gone nor read, 0 for none."""
    left = (((1 << last) - 1) << 1) & ~_int(gone) & ~_int(read)
    return (left & -left).bit_length() - 1 if left else 0


def _mask(numbers: Iterable[int]) -> int:
    mask = 0
    for number in numbers:
        mask |= 1 << number
    return mask


def _int(bits: Bits) -> int:
    return int.from_bytes(bits, "little")


def _bytes(marks: int) -> bytes:
    return marks.to_bytes((marks.bit_length() + 7) // 8, "little")
