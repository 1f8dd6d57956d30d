"""The test bed itself."""

import pytest

from accounts.models import Role
from tests import make


@pytest.mark.django_db
def test_a_named_official_holds_the_post():
    assert make.viewer(make.official("olga")).holds(Role.HANDLER)


def test_mail_reaches_the_postbox(smtp):
    import smtplib

    with smtplib.SMTP("127.0.0.1", smtp.port) as mail:
        mail.sendmail("a@example.org", ["b@example.org"], "Subject: hello\r\n\r\nGood day")
    assert smtp.text().strip() == "Good day"
