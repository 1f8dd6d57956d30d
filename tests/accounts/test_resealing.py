"""A new sealing key, while people work: what the old one sealed is read, and sealed anew row by row."""

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import BinaryField

from accounts import actions
from accounts.sealing import AES_256_GCM, SealBroken, is_newest, seal, unseal
from engagement.models import Case, Contact
from engagement.queries.sealed import open_contact
from notices.models import Delivery
from tests.engagement.cast import letter, office
from tests.notices.cast import mail, opened
from tests.test_house_rules import ROOMS

pytestmark = pytest.mark.django_db
NEW = "a-new-key-of-more-than-32-characters-9f2c"


def test_the_key_is_changed_row_by_row_and_the_old_one_can_go(settings, capsys):
    old = settings.SEALING_KEYS
    by = office()
    before = letter(by.wang, None).case
    delivery = mail()
    settings.SEALING_KEYS = [NEW, *old]
    # New for new, old readable.
    after = letter(by.wang, None).case
    assert is_newest(Contact.objects.get(case=after).key)
    assert not is_newest(Contact.objects.get(case=before).key)
    told = open_contact(before)
    assert told["name"]
    counts = actions.seals()
    assert counts["engagement.Contact.key", False] == counts["engagement.Contact.key", True] == 1
    call_command("sealing", "reseal")
    assert not [place for place, newest in actions.seals() if not newest]
    # Nothing is left that needs the old key.
    settings.SEALING_KEYS = [NEW]
    assert open_contact(Case.objects.get(pk=before.pk)) == told
    delivery.refresh_from_db()
    assert opened(Delivery.objects.get(pk=delivery.pk))[0] == "wang@example.org"
    assert actions.reseal() == (0, 0)
    # A key that is gone too early: said aloud, and nothing is lost by trying.
    settings.SEALING_KEYS = ["yet-another-key-of-more-than-32-characters"]
    with pytest.raises(CommandError, match="keep every old key"):
        call_command("sealing", "reseal")
    settings.SEALING_KEYS = [NEW]
    assert open_contact(Case.objects.get(pk=before.pk)) == told
    call_command("sealing", "new-key")
    assert len(capsys.readouterr().out.split()[-1]) == 64


def test_everything_sealed_says_by_which_key():
    # A case's own key seals these; the key itself is in SEALED.
    by_case = {("Contact", "sealed"), ("Contact", "words")}
    # Numbers packed into bytes: nobody's words.
    packed = {("Reading", "read"), ("Topic", "gone"), ("FactDay", "rows")}
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in ROOMS]
    binary = {
        (model.__name__, field.name)
        for model in ours
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField)
    }
    told = {(model.__name__, field) for model in ours for field in getattr(model, "SEALED", {})}
    assert told <= binary
    assert binary - told == by_case | packed


def test_the_algorithm_stands_before_everything_sealed():
    sealed = seal(b"x", "a")
    assert sealed[:1] == AES_256_GCM
    with pytest.raises(SealBroken, match="algorithm"):
        unseal(b"\x02" + sealed[1:], "a")
    for changed in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:20], b""):
        with pytest.raises(SealBroken):
            unseal(changed, "a")
    with pytest.raises(SealBroken):
        unseal(sealed, "another place")
