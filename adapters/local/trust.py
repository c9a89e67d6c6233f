"""How to trust the authority whose certificates the sites of this computer are shown with."""

from __future__ import annotations

import sys
from pathlib import Path

from adapters.local.settings import Installation, Refusal

_KEYCHAIN = "/Library/Keychains/System.keychain"
_STORES = {
    "linux": (
        ("Debian, Ubuntu", "sudo cp {root} /usr/local/share/ca-certificates/clouddeck.crt"),
        ("", "sudo update-ca-certificates"),
        ("Fedora, RHEL", "sudo trust anchor {root}"),
        (
            "Chrome, Chromium",
            'certutil -d "sql:$HOME/.pki/nssdb" -A -t C,, -n CloudDeck -i {root}',
        ),
    ),
    "darwin": (("macOS", "sudo security add-trusted-cert -d -r trustRoot -k {keychain} {root}"),),
}
_EVERYWHERE = (
    ("Firefox", "Settings, Certificates, Import: {root}"),
    ("curl", "curl --cacert {root} https://<project>.localhost:{port}"),
    ("Node", "NODE_EXTRA_CA_CERTS={root}"),
    ("Python", "SSL_CERT_FILE={root}"),
)


def trust(installation: Installation, out: Path | None = None) -> int:
    """Print where the root certificate is and what makes programs believe it, or write it to `out`.

    Nothing is installed: whom a computer believes is for its owner to say.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    from chalicelib.clouds.local.authority import Authority

    authority = Authority(installation.home / "edge" / "ca")
    try:
        pem = authority.root()
        if out is not None:
            out.write_bytes(pem)
            print(f"Wrote {out}. It holds no secret.")
            return 0
    except OSError as error:
        raise Refusal(f"Cannot write {error.filename}: {error.strerror}.") from None
    except RuntimeError as error:
        raise Refusal(str(error)) from None
    certificate = x509.load_pem_x509_certificate(pem)
    print(f"Root      {authority.root_file}")
    print(f"SHA-256   {certificate.fingerprint(SHA256()).hex(':').upper()}")
    print(f"Until     {certificate.not_valid_after_utc:%Y-%m-%d}")
    print("Its key never leaves this computer; who has it can speak for every site to you.\n")
    for name, command in (*_STORES.get(sys.platform, ()), *_EVERYWHERE):
        text = command.format(
            root=authority.root_file, port=installation.https_port, keychain=_KEYCHAIN
        )
        print(f"  {name:<17} {text}")
    return 0
