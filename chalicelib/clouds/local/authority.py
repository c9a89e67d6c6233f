"""A certificate authority in a folder: HTTPS for the sites of one computer.

`root.pem` is the certificate that a person may tell their browser to trust, `root-key.pem` its key,
readable by its owner alone. Both are made at first use and stand in one file first, so that
processes that start at once, or a crash between the two, end with one matching pair.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chalicelib.edge.rules.hosts import normalise_host

MOST_DAYS = 397
"""Browsers and macOS refuse certificates that live much longer, own authority or not."""
MOST_HOSTS = 100
_ROOT_DAYS = 3650
_RENEW_ROOT_DAYS = 30
_BACKDATE = timedelta(hours=1)
"""Clocks differ; a certificate shall be valid at once for all of them."""


@dataclass(frozen=True)
class _Pair:
    """A certificate with its key."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class Authority:
    """Issues certificates out of a folder, which is made at first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: tuple[tuple[int, int], _Pair] | None = None

    @property
    def root_file(self) -> Path:
        """Where the certificate lies that has to be trusted."""
        return self.folder / "root.pem"

    def root(self) -> bytes:
        """The certificate of the authority, as PEM; it is made when there is none."""
        return self._root().certificate.public_bytes(Encoding.PEM)

    def issue(self, hosts: Sequence[str], days: int = 90) -> bytes:
        """A new private key and a certificate of these hosts, as one PEM text.

        Hosts are DNS names, `*.` in front of one for all names one label below it, or IP
        addresses. Raises ValueError for what is none of them, for none or more than 100, and for
        more than 397 days.
        """
        if not 1 <= len(hosts) <= MOST_HOSTS or not 1 <= days <= MOST_DAYS:
            raise ValueError(f"1 to {MOST_HOSTS} hosts and 1 to {MOST_DAYS} days, please")
        names = [_general_name(host) for host in dict.fromkeys(hosts)]
        root = self._root()
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        until = min(now + timedelta(days=days), root.certificate.not_valid_after_utc)
        issuer_id = root.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        usage = _usage(digital_signature=True)
        certificate = (
            _builder(
                _name("CloudDeck local certificate"),
                root.certificate.subject,
                key,
                now - _BACKDATE,
                until,
            )
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id.value),
                critical=False,
            )
            .sign(root.key, hashes.SHA256())
        )
        return _as_pem(_Pair(key, certificate))

    def _root(self) -> _Pair:
        """The authority's own pair; the same object as long as the file is the same."""
        path = self.folder / "root-key.pem"
        try:
            identity = _identity(path)
        except FileNotFoundError:
            self._make(path, replace=False)
            identity = _identity(path)
        if self._known is None or self._known[0] != identity:
            self._known = (identity, _read(path))
        pair = self._known[1]
        if pair.certificate.not_valid_after_utc < datetime.now(UTC) + timedelta(
            days=_RENEW_ROOT_DAYS
        ):
            self._make(path, replace=True)
            self._known = (_identity(path), _read(path))
            pair = self._known[1]
        self._show(pair)
        return pair

    def _make(self, path: Path, *, replace: bool) -> None:
        """Lay a fresh pair into place; of several processes the first one wins."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = _write_beside(path, _as_pem(_fresh_root()), 0o600)
        try:
            if replace:
                temporary.replace(path)
            else:
                path.hardlink_to(temporary)
        except FileExistsError:
            return  # another process was first; its authority is the authority
        finally:
            temporary.unlink(missing_ok=True)

    def _show(self, pair: _Pair) -> None:
        """Lay the certificate beside the key, for people and programs that have to trust it."""
        pem = pair.certificate.public_bytes(Encoding.PEM)
        try:
            if self.root_file.read_bytes() == pem:
                return
        except FileNotFoundError:
            pass
        _write_beside(self.root_file, pem, 0o644).replace(self.root_file)


def _fresh_root() -> _Pair:
    key = ec.generate_private_key(ec.SECP384R1())
    now = datetime.now(UTC)
    # The name of the computer tells two authorities apart in a browser's list.
    name = _name("CloudDeck local authority", f"CloudDeck on {socket.gethostname()}"[:64])
    certificate = (
        _builder(name, name, key, now - _BACKDATE, now + timedelta(days=_ROOT_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA384())
    )
    return _Pair(key, certificate)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(organisation: str, common: str = "") -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)]
    if common:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, common))
    return x509.Name(attributes)


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        pass
    name = host.removeprefix("*.")
    if ":" in host or normalise_host(name) != name:
        raise ValueError(f"not a host name: {host!r}")
    return x509.DNSName(host)


def _as_pem(pair: _Pair) -> bytes:
    key = pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key + pair.certificate.public_bytes(Encoding.PEM)


def _read(path: Path) -> _Pair:
    """The pair in a file; raises RuntimeError with what to do when it holds none of ours."""
    content = path.read_bytes()
    try:
        key = load_pem_private_key(content, None)
        certificate = x509.load_pem_x509_certificate(content)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("not a key of an elliptic curve")
        if key.public_key() != certificate.public_key():
            raise ValueError("key and certificate are no pair")
    except (ValueError, TypeError) as error:
        raise RuntimeError(
            f"{path} is not an authority of ours ({error}); restore it from a backup, or delete "
            f"{path.parent} and trust the new root that is made then."
        ) from None
    return _Pair(key, certificate)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _write_beside(path: Path, content: bytes, mode: int) -> Path:
    """The content on disk under another name, to be put into place as a whole."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary
