"""What every postman promises: a folder here, SES (botocore's model of it) there, and the fake."""

from __future__ import annotations

import json
import stat
from email import message_from_bytes, policy

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from chalicelib.core.config import Settings
from chalicelib.ports import Message
from tests.fakes import FakeMail

TEXT = "Grüße,\n\n  https://console.example/#/verify?token=" + "A" * 43 + "\n" + "x" * 900 + "\n"
LETTER = Message("verify_email", "ada@example.com", "Verify your address: ä", TEXT)
SENDER = "deck@example.com"


class Folder:
    def __init__(self, tmp_path):
        from chalicelib.clouds.local.mail import LocalMail

        self.folder = tmp_path / "mail"
        self.mail = LocalMail(self.folder)

    def sent(self):
        found = []
        for path in sorted(self.folder.glob("*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            kind, to = str(mail["X-CloudDeck-Kind"]), str(mail["To"])
            found.append(Message(kind, to, str(mail["Subject"]), mail.get_content()))
        return found


class Fake:
    def __init__(self, _):
        self.mail = FakeMail()

    def sent(self):
        return self.mail.sent


class Ses:
    """The stubber checks every call against the description of the service."""

    def __init__(self, _, refusal=None):
        import boto3

        from chalicelib.clouds.aws.mail import SesMail

        self.mail = SesMail(Settings(mail_sender=SENDER))
        self.client = boto3.client("sesv2", region_name="us-east-1")
        self.mail.__dict__["_ses"] = self.client
        self.calls = []
        self.client.meta.events.register(
            "provide-client-params.sesv2.SendEmail", lambda params, **_: self.calls.append(params)
        )
        self.stub = Stubber(self.client)
        for _ in range(3):
            if refusal:
                self.stub.add_client_error("send_email", refusal, "no", 400)
            else:
                self.stub.add_response("send_email", {"MessageId": "1"})
        self.stub.activate()

    def sent(self):
        found = []
        for call in self.calls:
            assert call["FromEmailAddress"] == SENDER
            (to,) = call["Destination"]["ToAddresses"]
            simple = call["Content"]["Simple"]
            (tag,) = call["EmailTags"]
            text = simple["Body"]["Text"]["Data"]
            found.append(Message(tag["Value"], to, simple["Subject"]["Data"], text))
        return found


@pytest.fixture(params=[Folder, Ses, Fake])
def post(request, tmp_path):
    return request.param(tmp_path)


def test_what_is_sent_arrives_as_it_was(post):
    post.mail.send(LETTER)
    assert post.sent() == [LETTER]


def test_mails_stay_in_order(post):
    letters = [Message("reset_password", f"p{n}@example.com", f"{n}", f"{n}\n") for n in range(3)]
    for letter in letters:
        post.mail.send(letter)
    assert post.sent() == letters


@pytest.mark.parametrize("field", ["kind", "to", "subject"])
@pytest.mark.parametrize("harm", ["\nBcc: eve@example.com", "\r\n\r\n<h1>", "\0", "\u2028x"])
def test_no_header_has_a_second_line(field, harm):
    given = {"kind": "k", "to": "ada@example.com", "subject": "s", "text": "t"}
    with pytest.raises(ValueError):
        Message(**{**given, field: given[field] + harm})


def test_a_folder_is_private_and_whole(tmp_path):
    post = Folder(tmp_path)
    post.mail.send(LETTER)
    assert stat.S_IMODE(post.folder.stat().st_mode) == 0o700
    (path,) = post.folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_keeps_the_newest(tmp_path, monkeypatch):
    monkeypatch.setattr("chalicelib.clouds.local.mail.KEPT", 3)
    post = Folder(tmp_path)
    for n in range(5):
        post.mail.send(Message("k", "ada@example.com", str(n), "t\n"))
    assert [letter.subject for letter in post.sent()] == ["2", "3", "4"]


def test_a_disk_that_is_no_folder(tmp_path):
    (tmp_path / "mail").write_text("")
    with pytest.raises(OSError):
        Folder(tmp_path).mail.send(LETTER)


@pytest.mark.parametrize("code", ["MessageRejected", "TooManyRequestsException", "AccessDenied"])
def test_ses_refuses(code):
    with pytest.raises(OSError, match=code):
        Ses(None, code).mail.send(LETTER)


def test_ses_is_out_of_reach():
    post = Ses(None)

    def nobody(**_):
        raise EndpointConnectionError(endpoint_url="https://email.example")

    post.client.meta.events.register("before-send.sesv2.SendEmail", nobody)
    post.stub.deactivate()
    with pytest.raises(OSError, match="EndpointConnectionError"):
        post.mail.send(LETTER)


def test_ses_without_a_sender():
    from chalicelib.clouds.aws.mail import SesMail

    with pytest.raises(OSError, match="CLOUDDECK_MAIL_SENDER"):
        SesMail(Settings()).send(LETTER)


def test_the_embedded_cloud_shows_it(tmp_path, capsys):
    from adapters.local.__main__ import main

    home = ["--home", str(tmp_path)]
    assert main(["mail", *home]) == 1
    assert "No mail" in capsys.readouterr().out
    assert main(["mail", "--json", "--last", *home]) == 1
    assert json.loads(capsys.readouterr().out) is None
    post = Folder(tmp_path)
    for n in range(2):
        post.mail.send(Message("welcome", f"p{n}@example.com", f"Nr. {n}", f"t{n} \x1b[31m\n"))
    assert main(["mail", *home]) == 0
    page = capsys.readouterr().out
    assert "To:      p0@example.com" in page
    assert "\x1b" not in page
    assert main(["mail", "--json", *home]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [mail["to"] for mail in found] == ["p0@example.com", "p1@example.com"]
    assert set(found[0]) == {"id", "kind", "to", "subject", "sent_at", "text"}
    assert found[0]["sent_at"].endswith("Z")
    assert main(["mail", "--json", "--last", *home]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "t1 \x1b[31m\n"
