"""Mail over TLS, with certificates made here: both ways of it, sign-in, and nothing in the clear otherwise."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notices import actions
from tests.notices import cast

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


class Authority:
    """Signs certificates; `file` is its own one."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = folder / f"{name}.pem"
        made = self._built(self.subject, self.key, NOW + timedelta(days=2)).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.file.write_bytes(self._signed(made))

    def context(self, address: str = "127.0.0.1", end: datetime = NOW + timedelta(days=1)) -> ssl.SSLContext:
        """Return a server's context with a certificate for the address, good until `end`."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))])
        built = self._built(x509.Name([]), key, end).add_extension(names, critical=True)
        plain = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self.folder / "server.pem"
        file.write_bytes(plain + self._signed(built))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _built(self, subject: x509.Name, key: Any, end: datetime) -> x509.CertificateBuilder:
        start = NOW - timedelta(days=3)
        certificate = x509.CertificateBuilder().subject_name(subject).issuer_name(self.subject)
        certificate = certificate.public_key(key.public_key()).serial_number(x509.random_serial_number())
        return certificate.not_valid_before(start).not_valid_after(end)

    def _signed(self, certificate: x509.CertificateBuilder) -> bytes:
        return certificate.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def authority(tmp_path: Path, settings: Any) -> Authority:
    """The authority that the house trusts."""
    made = Authority(tmp_path, "trusted")
    settings.SMTP_CA = str(made.file)
    settings.SMTP_USER, settings.SMTP_PASSWORD = "hall", "geheim"
    return made


class Line:
    """Starts servers of one test and ends them with it."""

    def __init__(self) -> None:
        self.box, self.controllers = cast.RoughPostbox(), []

    def serve(self, **options: Any) -> None:
        """Serve with aiosmtpd's options; "hall" may sign in, and has to where `auth_required` is given."""

        def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
            return AuthResult(success=(data.login, data.password) == (b"hall", b"geheim"), handled=False)

        options = {"authenticator": known, **options}
        controller = Controller(self.box, hostname="127.0.0.1", port=self.box.port, ready_timeout=60, **options)
        # Before it starts: one that cannot is stopped too.
        self.controllers.append(controller)
        controller.start()


@pytest.fixture
def line() -> Iterator[Line]:
    """A place for one server at the address of the settings."""
    made = Line()
    yield made
    for controller in made.controllers:
        controller.stop()


def sent() -> tuple[str, str]:
    """Return what became of one mail, and why."""
    delivery = cast.mail()
    actions.deliver_due(at=cast.NOON)
    delivery.refresh_from_db()
    return delivery.state, delivery.error


@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_mail_goes_over_tls_with_sign_in(authority, line, settings, way):
    settings.SMTP_TLS = way
    context = authority.context()
    # Of a line that is sealed from the first byte on aiosmtpd does not know that it is, and would offer no sign-in.
    sealed = {"ssl_context": context, "auth_require_tls": False}
    line.serve(
        **(sealed if way == "tls" else {"tls_context": context, "require_starttls": True, "auth_required": True})
    )
    assert sent() == ("sent", "")
    assert len(line.box.messages) == 1
    settings.SMTP_PASSWORD = "wrong"
    assert sent() == ("pending", "SMTPAuthenticationError 535")
    assert len(line.box.messages) == 1


@pytest.mark.parametrize("wrong", ["stranger", "other name", "out of date"])
@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_a_wrong_certificate_gets_nothing_and_the_mail_waits(authority, line, settings, tmp_path, way, wrong):
    settings.SMTP_TLS = way
    context = {
        "stranger": lambda: Authority(tmp_path, "stranger").context(),
        "other name": lambda: authority.context("127.0.0.2"),
        "out of date": lambda: authority.context(end=NOW - timedelta(days=1)),
    }[wrong]()
    line.serve(**({"ssl_context": context} if way == "tls" else {"tls_context": context}))
    state, error = sent()
    assert state == "pending"
    assert error
    assert line.box.messages == []


@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_a_server_that_speaks_in_the_clear_gets_nothing(authority, line, settings, way):
    settings.SMTP_TLS = way
    # It would take everything from anybody: what an attacker on the way makes of a server by hiding STARTTLS.
    line.serve(auth_require_tls=False)
    assert sent()[0] == "pending"
    assert line.box.messages == []
