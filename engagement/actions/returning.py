"""Returns (退单) as typed acts: on which ground, proposed for whom, what was decided; repeated ones end in a ruling."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Role, Unit
from accounts.queries import people_at

from .. import rules
from ..models import Return, ReturnGround
from ..queries.timeline import unit_data
from ..rules import acts
from .telling import tell_people
from .turns import Turn

# What a new house starts with; an office changes the table to its own lists of duties.
GROUNDS = (
    ("not-our-duty", "不属于本单位职责", "Not among our duties", "权责清单、三定规定"),
    ("other-area", "不属于本辖区", "Outside our area", "行政区划"),
    ("law-names-other", "法律法规规定由其他单位管辖", "The law names another authority", "相关法律法规"),
    ("in-court", "已进入诉讼、仲裁或行政复议程序", "Before a court, arbitration or review", "信访工作条例"),
    ("several-units", "涉及多个单位，需会同办理", "Concerns several units", "首问负责制"),
    ("information-missing", "诉求信息不全，无法办理", "Too little is known to handle it", "办理规程"),
)


def load_grounds() -> int:
    """Write the grounds that come with the software into a house that has none; return how many there are."""
    if not ReturnGround.objects.exists():
        ReturnGround.objects.bulk_create(
            ReturnGround(code=code, name=name, name_en=english, basis=basis, position=number)
            for number, (code, name, english, basis) in enumerate(GROUNDS, 1)
        )
    return ReturnGround.objects.count()


def check_ground(code: Any) -> ReturnGround | None:
    """Return the ground with the code. Raises BadInput for an unknown one, and for none where there is a table."""
    found = ReturnGround.objects.filter(code=code, active=True).first() if isinstance(code, str) and code else None
    if found is None and (code or ReturnGround.objects.filter(active=True).exists()):
        raise rules.BadInput(_("Please choose the ground."), field="ground", code="no_ground")
    return found


def named_as(ground: ReturnGround | None) -> str:
    """Return the ground as an entry keeps it."""
    return ground.code if ground else ""


def open_return(current: Turn, unit: Unit | None, ground: ReturnGround | None, proposed: Unit | None) -> None:
    """Write the return down, open until somebody decides."""
    case = current.case
    if unit is None:
        return
    Return.objects.create(case=case, unit=unit, ground=ground, proposed=proposed, at=current.at, by=current.person)


def tell_ping_pong(current: Turn, entry: Any, unit: Unit | None) -> None:
    """Tell the supervisors above the unit that the case has gone to and fro so often that the next decision binds."""
    if unit is None or not acts.is_ping_pong(current.case.returns):
        return
    above = [int(part) for part in unit.path.split("/") if part]
    people = people_at(above, Role.SUPERVISOR, at=current.at)
    tell_people(current, entry, "case.ping_pong", people, returns=current.case.returns, from_unit=unit)


def decide_return(current: Turn, unit: Unit, note: str) -> dict[str, Any] | None:
    """Close the open return, if there is one, by the unit that gets the case now.

    The decision binds when it rules against the unit that returned it, or when the case has gone to and fro. Raises
    BadInput for a ruling without words.
    """
    returns = Return.objects.filter(case=current.case, decided_at__isnull=True).order_by("-at", "-pk")
    last = returns.first() if current.case.returns else None
    if last is None:
        return None
    same = last.unit_id == unit.pk
    if same and not note:
        raise rules.BadInput(_("Say why the unit handles it all the same."), field="note", code="no_ruling")
    last.decision = Return.Decision.SAME if same else Return.Decision.OTHER
    last.decided_unit, last.decided_by, last.decided_at = unit, current.person, current.at
    last.binding = same or acts.is_ping_pong(current.case.returns)
    last.save()
    return {"unit": unit_data(unit), "decision": last.decision, "binding": last.binding}
