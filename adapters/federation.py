"""AWS credentials for a host beside AWS, without a key that somebody keeps.

`python -I adapters/federation.py google|azure` is a `credential_process` of AWS's SDKs: it asks
the host for a token that says which service runs here, lets AWS's STS change it for an hour of
the role `AWS_ROLE_ARN`, and prints the credentials. The SDK calls it again before they end.
One file of the standard library: it runs in a process of its own at every cold start.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

AUDIENCE = "clouddeck"
"""Whom a Google token is for; the role's trust policy names it (`accounts.google.com:oaud`)."""

SECONDS = 3600
_TIMEOUT = 10
_GOOGLE = "http://metadata.google.internal"
_IDENTITY = "/computeMetadata/v1/instance/service-accounts/default/identity"

Environment = Mapping[str, str]


class Refused(Exception):  # noqa: N818  # said to a person in one line
    """No credentials; the text says who refused and why."""


def google(environment: Environment) -> str:
    """A token of the service account that Cloud Run runs us as."""
    base = environment.get("GCE_METADATA_HOST")
    address = f"{f'http://{base}' if base else _GOOGLE}{_IDENTITY}"
    query = urllib.parse.urlencode({"audience": AUDIENCE, "format": "full"})
    return _ask("Google's metadata server", f"{address}?{query}", {"Metadata-Flavor": "Google"})


def azure(environment: Environment) -> str:
    """A token of the function app's managed identity, for the application `AWS_FEDERATION_APP`."""
    names = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AWS_FEDERATION_APP")
    absent = [name for name in names if not environment.get(name)]
    if absent:
        raise Refused(f"{', '.join(absent)} not set: switch on the app's managed identity")
    endpoint, secret, application = (environment[name] for name in names)
    query = urllib.parse.urlencode({"api-version": "2019-08-01", "resource": application})
    text = _ask("Azure's identity endpoint", f"{endpoint}?{query}", {"X-IDENTITY-HEADER": secret})
    return str(json.loads(text)["access_token"])


HOSTS: dict[str, Callable[[Environment], str]] = {"google": google, "azure": azure}


def credentials(token: str, environment: Environment) -> dict[str, Any]:
    """What STS gives for a token, in the shape that `credential_process` asks for."""
    region = environment.get("AWS_REGION", "us-east-1")
    endpoint = environment.get("AWS_ENDPOINT_URL_STS") or f"https://sts.{region}.amazonaws.com"
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": environment["AWS_ROLE_ARN"],
        "RoleSessionName": "clouddeck-api",
        "DurationSeconds": str(SECONDS),
        "WebIdentityToken": token,
    }
    body = urllib.parse.urlencode(form).encode()
    text = _ask("STS", f"{endpoint}/", {"Accept": "application/json"}, body)
    answer = json.loads(text)["AssumeRoleWithWebIdentityResponse"]
    given = answer["AssumeRoleWithWebIdentityResult"]["Credentials"]
    expiration = given["Expiration"]
    return {
        "Version": 1,
        "AccessKeyId": given["AccessKeyId"],
        "SecretAccessKey": given["SecretAccessKey"],
        "SessionToken": given["SessionToken"],
        "Expiration": _time(expiration) if isinstance(expiration, int | float) else expiration,
    }


def _time(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ask(whom: str, url: str, headers: dict[str, str], body: bytes | None = None) -> str:
    asked = urllib.request.Request(url, body, headers)  # noqa: S310  # http is the metadata server's
    try:
        with urllib.request.urlopen(asked, timeout=_TIMEOUT) as answer:  # noqa: S310  # as above
            text: str = answer.read(1_000_000).decode()
            return text
    except urllib.error.HTTPError as error:
        said = " ".join(error.read(2000).decode("utf-8", "replace").split())
        raise Refused(f"{whom} answers {error.code}: {said[:500]}") from None
    except OSError as error:
        raise Refused(f"{whom} does not answer: {error}") from None


def main(arguments: list[str]) -> int:
    """Print the credentials as JSON; exit code 1 with one line when there are none."""
    if len(arguments) != 1 or arguments[0] not in HOSTS:
        print(f"usage: python -I adapters/federation.py {'|'.join(HOSTS)}", file=sys.stderr)
        return 2
    try:
        if not os.environ.get("AWS_ROLE_ARN"):
            raise Refused("AWS_ROLE_ARN is not set: which role shall this host have?")
        print(json.dumps(credentials(HOSTS[arguments[0]](os.environ), os.environ)))
    except (Refused, KeyError, ValueError) as fault:
        print(f"federation: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
