"""The verbs of the workbench: for each the key, the form and the one action it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.queries import unit_tree
from accounts.viewers import Viewer
from engagement import actions, queries
from engagement.forms import acts as forms_of_acts
from engagement.forms import office
from engagement.forms.processes import StepForm
from engagement.models import Case
from engagement.processes.definition import Act
from engagement.redaction import redacted

Options = Callable[[queries.Standing], dict[str, Any]]


@dataclass(frozen=True)
class Verb:
    """One thing an official may do with a case.

    `action` is the name in the rules and in engagement.actions; `key` opens it from the keyboard; `stay` keeps the
    case in front afterwards instead of the next one; `look` is the button's class.
    """

    action: str
    label: str | Promise
    key: str = ""
    form: type[forms.Form] = office.VersionForm
    options: Options | None = None
    stay: bool = False
    look: str = ""
    takes_version: bool = True
    # The name in the page under which what the action returned is shown once.
    shows: str = ""
    # Whether it stands among the buttons; a draft is saved from the form of the reply.
    has_button: bool = True
    # What is seldom needed stands behind "More", so that the few usual buttons are seen at once.
    rare: bool = False
    # The code of an action that only the case's process knows.
    code: str = ""

    @property
    def slug(self) -> str:
        """The verb's part of the address."""
        return f"{OWN_SLUG}{self.code.replace('_', '-')}" if self.code else self.action.replace("_", "-")

    @property
    def is_own(self) -> bool:
        """Whether only the case's process knows it."""
        return bool(self.code)

    def bind(self, stands: queries.Standing, data: Any = None, files: Any = None) -> forms.Form:
        """Return the form, filled with what is known or with what was sent."""
        options = self.options(stands) if self.options else {}
        initial = {"version": stands.case.version, **options.pop("initial", {})}
        return self.form(data, files, auto_id=f"{self.slug}-%s", initial=initial, **options)

    def run(self, case: Case, viewer: Viewer, given: dict[str, Any]) -> object:
        """Call the action with what was entered. Raises what the action raises."""
        values = dict(given)
        version = values.pop("version", None)
        if self.code:
            values["code"] = self.code
        if self.takes_version:
            values["version"] = case.version if version is None else version
        return getattr(actions, self.action)(case_id=case.pk, by=viewer, **values)


def _units(stands: queries.Standing) -> dict[str, Any]:
    case = stands.case
    usual = case.category.unit_id if case.category else None
    found: dict[str, Any] = {"units": unit_tree(), "joint": queries.has_joint_step(stands)}
    chosen = queries.propose(case) if case.unit_id is None and case.returns == 0 else None
    if chosen is None:
        return {**found, "usual": queries.proposed_unit(stands) or case.unit_id or usual}
    why = gettext("Proposed by the rule “%(name)s”.") % {"name": chosen.name}
    return {**found, "usual": chosen.unit.pk, "assisting": [unit.pk for unit in chosen.assisting], "why": why}


def _other_units(stands: queries.Standing) -> dict[str, Any]:
    others = [unit for unit in unit_tree() if unit.pk != stands.case.unit_id]
    return {"units": others, "grounds": queries.return_grounds()}


def _points_text(stands: queries.Standing) -> dict[str, Any]:
    return {"initial": {"points": "\n".join(point.text for point in stands.around.points)}}


def _points(stands: queries.Standing) -> dict[str, Any]:
    return {"points": list(stands.around.points)}


def _colleagues(stands: queries.Standing) -> dict[str, Any]:
    return {"people": queries.colleagues(stands)}


def _draft(stands: queries.Standing) -> dict[str, Any]:
    reply = queries.latest_reply(stands)
    return {"initial": {"text": reply.text, "outcome": reply.outcome} if reply else {}}


def _published_copy(stands: queries.Standing) -> dict[str, Any]:
    draft = queries.publication_draft(stands)
    if draft["text"] != stands.case.text:
        # Somebody has been over it already; what they left in was left in on purpose.
        return {"initial": draft}
    names = [(queries.contact_of(stands.case, stands.viewer) or {}).get("name", "")]
    return {"initial": {part: redacted(words, names) for part, words in draft.items()}}


def _shown_copy(stands: queries.Standing) -> dict[str, Any]:
    copy = stands.around.copy
    return {"initial": {"shown": copy.mark if copy else ""}}


VERBS = (
    Verb("accept_case", _("Accept"), "a", look="button-primary"),
    Verb("dispatch_case", _("Dispatch"), "d", office.DispatchForm, _units, look="button-primary"),
    Verb("answer_at_once", _("Answer at once"), "r", office.AtOnceForm),
    Verb("tell_missing", _("Tell what is missing"), "m", office.MissingForm),
    Verb("sign_for_case", _("Sign for"), "s", look="button-primary", stay=True),
    Verb("submit_reply", _("Reply"), "r", office.ReplyForm, _draft, look="button-primary"),
    Verb("save_draft", _("Save the draft"), "", office.DraftForm, stay=True, takes_version=False, has_button=False),
    Verb("approve_reply", _("Approve the reply"), "a", look="button-primary"),
    Verb("sign_reply", _("Sign the reply"), "s", office.SignForm, _draft, look="button-primary"),
    Verb("send_back", _("Send back"), "b", office.SendBackForm),
    Verb("ask_citizen", _("Ask the citizen"), "e", office.AskForm),
    Verb("return_case", _("Return"), "u", office.ReturnForm, _other_units),
    Verb("transfer_case", _("Transfer"), "t", office.TransferForm, _colleagues),
    Verb("approve_extension", _("Approve more time"), look="button-primary", stay=True),
    Verb("refuse_extension", _("Refuse more time"), "", office.SendBackForm, stay=True),
    Verb("ask_extension", _("Ask for more time"), "", office.ExtendForm, stay=True, rare=True),
    Verb("pause_case", _("Pause the clock"), "", forms_of_acts.PauseForm, stay=True, rare=True),
    Verb("resume_case", _("Let the clock run"), "", stay=True),
    Verb("extend_case", _("Extend"), "", office.ExtendForm, stay=True),
    Verb("refuse_case", _("Refuse"), "x", office.RefuseForm),
    Verb("add_note", _("Note"), "n", office.NoteForm, stay=True, takes_version=False),
    Verb("comment_case", _("Comment"), "c", office.CommentForm, stay=True, takes_version=False),
    Verb("decide_review", _("Decide on the request"), "", forms_of_acts.DecideReviewForm, look="button-primary"),
    Verb(
        "answer_points", _("Answer the points"), "", forms_of_acts.PointsForm, _points, stay=True, takes_version=False
    ),
    Verb(
        "keep_promise",
        _("The promise is kept"),
        "",
        forms_of_acts.KeepPromiseForm,
        stay=True,
        takes_version=False,
        look="button-primary",
    ),
    Verb("move_promise", _("Promise another day"), "", forms_of_acts.MovePromiseForm, stay=True, takes_version=False),
    Verb("make_promise", _("Promise"), "", forms_of_acts.PromiseForm, stay=True, rare=True),
    Verb(
        "itemise_case",
        _("Points"),
        "",
        forms_of_acts.ItemiseForm,
        _points_text,
        stay=True,
        takes_version=False,
        rare=True,
    ),
    Verb("split_case", _("Split"), "", forms_of_acts.SplitForm, stay=True, rare=True),
    Verb("merge_case", _("Merge"), "", forms_of_acts.MergeForm, rare=True),
    Verb(
        "answer_order",
        _("Answer the order"),
        "",
        forms_of_acts.OrderAnswerForm,
        stay=True,
        takes_version=False,
        look="button-primary",
    ),
    Verb(
        "accept_order",
        _("Accept the answer"),
        "",
        forms_of_acts.AcceptOrderForm,
        stay=True,
        takes_version=False,
        look="button-primary",
    ),
    Verb(
        "renew_order",
        _("Not enough: renew the order"),
        "",
        forms_of_acts.RenewOrderForm,
        stay=True,
        takes_version=False,
    ),
    Verb("issue_order", _("Order"), "", forms_of_acts.OrderForm, stay=True),
    Verb("withdraw_order", _("Withdraw the order"), "", office.ReasonForm, stay=True, takes_version=False),
    Verb("urge_case", _("Urge"), "g", office.UrgeOfficeForm, stay=True, takes_version=False),
    Verb(
        "prepare_publication",
        _("Prepare the publication"),
        "p",
        office.PublishForm,
        _published_copy,
        stay=True,
        takes_version=False,
    ),
    Verb(
        "approve_publication",
        _("Approve the publication"),
        "p",
        office.ApproveForm,
        _shown_copy,
        stay=True,
        takes_version=False,
    ),
    Verb("refuse_publication", _("Refuse the publication"), "", office.ReasonForm, stay=True, takes_version=False),
    Verb(
        "unmask_contact", _("Unmask who wrote"), "", office.ReasonForm, stay=True, takes_version=False, shows="contact"
    ),
    Verb("unpublish", _("Take off the site"), "", stay=True, look="button-danger", takes_version=False),
)
BY_SLUG = {verb.slug: verb for verb in VERBS}
# Addresses of actions that only some process knows begin so.
OWN_SLUG = "step-"


def verb_of(slug: str, stands: queries.Standing) -> Verb | None:
    """Return the verb of an address: one that every process knows, or one of the case's own process."""
    if not slug.startswith(OWN_SLUG):
        return BY_SLUG.get(slug)
    act = queries.own_act(stands, slug.removeprefix(OWN_SLUG).replace("-", "_"))
    return own_verb(act) if act else None


def own_verb(act: Act) -> Verb:
    """Return the verb of an action that only the case's process knows."""
    asks = bool(act.require or act.fields)
    return Verb(
        "take_step", act.label or act.code, form=StepForm if asks else office.VersionForm,
        options=(lambda _stands: {"act": act}) if asks else None, look="button-primary", code=act.code,
    )  # fmt: skip


def verbs_for(stands: queries.Standing) -> list[Verb]:
    """Return the verbs of the actions that the viewer may do now, in the order of the buttons."""
    names = stands.actions
    acts = [queries.own_act(stands, name.removeprefix(queries.OWN)) for name in names if name.startswith(queries.OWN)]
    return [own_verb(act) for act in acts if act] + [verb for verb in VERBS if verb.action in names and verb.has_button]
