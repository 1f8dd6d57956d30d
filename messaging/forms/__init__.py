"""The forms of the chat, of the desks and of the rooms."""

from .rooms import AnswerForm, GroupForm, InterviewForm, QuestionForm
from .roster import DayForm, HoursForm, OfficerForm, RotaForm, SheetForm, ShiftForm, SwapForm
from .routing import BlockForm, DecisionForm, KeptForm, ReportForm, TransferForm, WatchForm
from .talks import (
    AskForm,
    CaseForm,
    ContactForm,
    MailForm,
    MessageForm,
    RateForm,
    SayForm,
    StartForm,
    contact_of,
    new_token,
)

__all__ = [
    "AnswerForm",
    "AskForm",
    "BlockForm",
    "CaseForm",
    "ContactForm",
    "DayForm",
    "DecisionForm",
    "GroupForm",
    "HoursForm",
    "InterviewForm",
    "KeptForm",
    "MailForm",
    "MessageForm",
    "OfficerForm",
    "QuestionForm",
    "RateForm",
    "ReportForm",
    "RotaForm",
    "SayForm",
    "SheetForm",
    "ShiftForm",
    "StartForm",
    "SwapForm",
    "TransferForm",
    "WatchForm",
    "contact_of",
    "new_token",
]
