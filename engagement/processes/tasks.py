"""The open tasks of a case, as whoever acts on it reads them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from accounts.prepared import Given, Prepared

from ..models import Case, Pause, Task

# With whether the clock stands still, and whether there was a task before.
OPEN: Prepared[Task] = Prepared(
    lambda: (
        Task.objects.filter(case=Given("case"), status=Task.Status.OPEN)
        .order_by("pk")
        .select_related("unit", "assignee")
        .annotate(
            paused=Exists(Pause.objects.filter(case=OuterRef("case"), ended_at__isnull=True)),
            later=Exists(Task.objects.filter(case=OuterRef("case"), pk__lt=OuterRef("pk"))),
        )
    )
)


def open_tasks(case: Case) -> list[Task]:
    """Return the open tasks of the case in hand, the oldest first."""
    found = OPEN.all(case=case.pk)
    for task in found:
        task.case = case
    return found
