"""Internal reviews: which rung comes next, and who may decide."""

from __future__ import annotations

from ..models import Case, Reply, Review
from ..rules import acts


def next_level(case: Case) -> int:
    """Return the rung a new request would stand on."""
    return Review.objects.filter(case=case, round=case.round).count() + 1


def open_review(case: Case) -> Review | None:
    """Return the request that is being looked at."""
    return Review.objects.filter(case=case, state=Review.State.ASKED).order_by("-pk").first()


def may_ask_review(case: Case) -> bool:
    """Return whether the ladder has a rung left and nobody stands on one."""
    done = list(Review.objects.filter(case=case, round=case.round).values_list("state", flat=True))
    return len(done) < acts.REVIEW_LEVELS and Review.State.ASKED not in done


def reply_writers(case: Case) -> set[int]:
    """Return the persons who drafted, checked or signed the reply of this round."""
    hands = Reply.objects.filter(case=case, round=case.round, state=Reply.State.SENT)
    found = hands.values_list("drafted_by", "reviewed_by", "signed_by")
    return {person for row in found for person in row if person is not None}
