"""What citizens fill in: the letter, the number and code, and what they may do about their own case."""

from .filing import FilingForm
from .finding import LettersForm
from .own import AddForm, AnswerForm, RateForm, ReadersForm, ReopenForm, TrackForm, UrgeForm, WithdrawForm

__all__ = [
    "AddForm",
    "AnswerForm",
    "FilingForm",
    "LettersForm",
    "RateForm",
    "ReadersForm",
    "ReopenForm",
    "TrackForm",
    "UrgeForm",
    "WithdrawForm",
]
