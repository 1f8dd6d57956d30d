"""What a viewer may do with a case now: one place, asked by pages for their buttons and by actions for their checks."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property

from django.utils import timezone

from accounts.viewers import Viewer
from journal.models import Entry

from ..models import Case, Task
from ..processes.definition import CITIZEN, CLOCK
from ..processes.engine import Engine
from ..rules import CLOSED
from .chances import citizens_acts, may_return, office_acts, supervises, urged_inside
from .relation import Relation

# Action codes of a process definition, and the functions of engagement.actions that do them.
BY_CODE = {
    "accept": "accept_case",
    "refuse": "refuse_case",
    "ask": "ask_citizen",
    "dispatch": "dispatch_case",
    "sign": "sign_for_case",
    "return": "return_case",
    "transfer": "transfer_case",
    "submit": "submit_reply",
    "approve": "approve_reply",
    "sign_off": "sign_reply",
    "send_back": "send_back",
    "answer": "answer_question",
    "rate": "rate_case",
    "reply_now": "answer_at_once",
    "tell_missing": "tell_missing",
}
CODES = {name: code for code, name in BY_CODE.items()}
# An action that only this process knows is allowed under this prefix and its own code.
OWN = "step:"
FINISHED = (Case.Status.ANSWERED, Case.Status.CONCLUDED, Case.Status.ARCHIVED)


class Standing(Relation):
    """How a viewer stands to a case at a moment, and what they may do with it."""

    def may(self, action: str) -> bool:
        """Return whether the viewer may do the action now; what the open step offers is told without a question."""
        own = action.removeprefix(OWN) if action.startswith(OWN) else ""
        code = CODES.get(action, own if own not in BY_CODE else "")
        return self._offers(code) or action in self.actions

    def _offers(self, code: str) -> bool:
        return self.doer and self.engine.offers(code) and self._is_time_for(code)

    @cached_property
    def actions(self) -> list[str]:
        """Every action the viewer may do now, by the names of engagement.actions."""
        found = self.at_the_step
        if self.party:
            found += self._for_the_citizen()
        if self.office:
            found += self._for_the_office()
        return list(dict.fromkeys(found))

    @property
    def at_the_step(self) -> list[str]:
        """What the open step offers the viewer."""
        return [BY_CODE.get(code, f"{OWN}{code}") for code in self._codes()]

    def _codes(self) -> list[str]:
        if not self.doer:
            return []
        codes = [act.code for act in self.engine.open_acts() if act.by != CLOCK]
        return [code for code in codes if self._is_time_for(code)]

    def _is_time_for(self, code: str) -> bool:
        if code == "return":
            return may_return(self)
        # What was promised is still to come: there is nothing to rate yet.
        return code != "rate" or not self.promised

    def _for_the_citizen(self) -> list[str]:
        node, found = self.engine.node, []
        if node is not None and node.role != CITIZEN:
            found.append("add_to_case")
            if not self.urged_lately:
                found.append("urge_case")
        if self.engine.may_act("withdraw"):
            found.append("withdraw_case")
        if self.engine.may_act("reopen") and self._reopens():
            found.append("reopen_case")
        if self.case.status in FINISHED and not self.case.confidential:
            found.append("decide_publication")
        return found + citizens_acts(self)

    def _reopens(self) -> bool:
        norms, since = self.engine.definition.norms, self.case.concluded_at or self.case.answered_at
        if since is None or self.case.round >= norms["most_rounds"]:
            return False
        return self.at <= since + timedelta(days=norms["reopen_days"])

    @cached_property
    def urged_lately(self) -> bool:
        """Whether the office was reminded so lately that another reminder must wait."""
        since = self.at - timedelta(hours=self.engine.definition.norms["urge_hours"])
        return Entry.objects.filter(stream__name=self.case.stream_name, kind="case.urged", at__gt=since).exists()

    def _for_the_office(self) -> list[str]:
        node, found = self.engine.node, []
        if self.works:
            found += ["add_note", "add_file"]
        if self.leads:
            found.append("comment_case")
        if node is not None:
            found += self._while_open()
        found += office_acts(self)
        if self.case.status in FINISHED and self.case.public and not self.case.confidential:
            found += self._publishing()
        if self.case.confidential and self.works:
            found.append("unmask_contact")
        return found

    def _while_open(self) -> list[str]:
        node = self.engine.node
        found: list[str] = []
        if node is None or self.case.status in CLOSED:
            return found
        task = self.engine.task
        if "submit" in node.actions and self.doer and task is not None and task.part == Task.Role.LEAD:
            found.append("save_draft")
        if "transfer" in node.actions and self.reviews:
            found.append("transfer_case")
        if supervises(self) and not urged_inside(self):
            found.append("urge_case")
        most = self.engine.definition.norms["extension_days"]
        if self.reviews and node.role != CITIZEN and self.case.extended_days < most:
            found.append("extend_case")
        return found

    def _publishing(self) -> list[str]:
        copy = self.around.copy
        person = self.viewer.person
        # The reviewer of the unit, and whoever runs the mailbox, stand for the second pair of eyes.
        second = self.reviews or self.leads
        if copy is None or (copy.published_at is None and copy.prepared_by_id == (person.pk if person else 0)):
            return ["prepare_publication"] if self.works else []
        if copy.published_at is not None:
            return ["unpublish"] if second else []
        return ["approve_publication", "refuse_publication"] if second else []


def standing(viewer: Viewer, case: Case, at: datetime | None = None, engine: Engine | None = None) -> Standing:
    """Return how the viewer stands to the case at the moment `at`, now unless given."""
    moment = at or timezone.now()
    return Standing(viewer, case, moment, engine or Engine(case, moment))


def allowed_actions(case: Case, viewer: Viewer, at: datetime | None = None) -> list[str]:
    """Return the names of the actions that the viewer may do with the case now."""
    return standing(viewer, case, at).actions


def signing_actions(stands: Standing) -> list[str]:
    """Return of the viewer's actions what a leader does on a card: the step's own and a comment, at little cost."""
    return [*stands.at_the_step, *(["comment_case"] if stands.office and stands.leads else [])]
