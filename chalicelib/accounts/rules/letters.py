"""What our mails say: plain text, in our words only.

Nothing that a stranger typed stands in a letter, for anybody may have one sent to anybody: no
name, no reason, no organisation. A letter that somebody did not ask for tells them so, and from
which address it was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Places:
    """Where an installation is: the console's address is empty where there is none."""

    api: str
    console: str = ""

    def ways(self, page: str, command: str) -> str:
        """How to get somewhere: a link where there is a console, and the command."""
        commanded = f"  deck --api {self.api} {command}"
        if not self.console:
            return commanded
        return f"  {self.console}/#/{page}\n\nor run\n\n{commanded}"


@dataclass(frozen=True)
class Letter:
    """A mail without its address; `kind` says which one it is to programs."""

    kind: str
    subject: str
    text: str


def verify_email(places: Places, token: str, asked_from: str) -> Letter:
    """To somebody who signed up: this makes the account theirs."""
    return Letter(
        "verify_email",
        "Verify your e-mail address",
        _text(
            places,
            "Somebody signed up to CloudDeck with this address. If it was you, open this within\n"
            "24 hours, and you can sign in with the password that you chose then:",
            places.ways(f"verify?token={token}", f"verify {token}"),
            _not_you(asked_from),
        ),
    )


def verify_contested(places: Places, token: str, asked_from: str) -> Letter:
    """To somebody with whose address several people signed up: no password of theirs is kept."""
    return Letter(
        "verify_contested",
        "Verify your e-mail address",
        _text(
            places,
            "Somebody signed up to CloudDeck with this address more than once, perhaps not only\n"
            "you, so none of the passwords counts. If you want the account, open this within 24\n"
            "hours:",
            places.ways(f"verify?token={token}", f"verify {token}"),
            "and then choose a password:",
            places.ways("forgot", "reset YOUR-ADDRESS"),
            _not_you(asked_from),
        ),
    )


def known_account(places: Places, asked_from: str) -> Letter:
    """To somebody who has an account, and with whose address somebody signed up again."""
    return Letter(
        "known_account",
        "You have an account already",
        _text(
            places,
            "Somebody signed up to CloudDeck with this address, which has an account already.\n"
            "Nothing was changed. If it was you, sign in; if you forgot the password, ask for a\n"
            "new one:",
            places.ways("forgot", "reset YOUR-ADDRESS"),
            _not_you(asked_from),
        ),
    )


def welcome(places: Places) -> Letter:
    """To somebody who accepted an invitation: the account is active."""
    return Letter(
        "welcome",
        "Your account is ready",
        _text(
            places,
            "Your CloudDeck account is active. Sign in with your address and the password that\n"
            "you chose:",
            places.ways("sign-in", "login"),
            "",
        ),
    )


def reset_password(places: Places, token: str, asked_from: str) -> Letter:
    """To somebody who forgot the password."""
    return Letter(
        "reset_password",
        "Choose a new password",
        _text(
            places,
            "Somebody asked for a new password for the CloudDeck account with this address. If it\n"
            "was you, choose one within an hour. It ends every session of yours:",
            places.ways(f"reset?token={token}", f"reset --token {token}"),
            _not_you(asked_from) + "\nThe password stays as it is.",
        ),
    )


def change_email(places: Places, token: str, asked_from: str) -> Letter:
    """To an address that somebody wants their account to have."""
    return Letter(
        "change_email",
        "Confirm your new e-mail address",
        _text(
            places,
            "Somebody wants to use this address for their CloudDeck account. If it was you, open\n"
            "this within 24 hours:",
            places.ways(f"verify?token={token}", f"verify {token}"),
            _not_you(asked_from),
        ),
    )


def address_in_use(places: Places, asked_from: str) -> Letter:
    """To an address that has an account, and that another account shall move to."""
    return Letter(
        "address_in_use",
        "This address has an account already",
        _text(
            places,
            "Somebody wants to use this address for another CloudDeck account. It has one\n"
            "already, so nothing was changed.",
            "",
            _not_you(asked_from),
        ),
    )


def email_changed(places: Places, now: str) -> Letter:
    """To the address that an account had before."""
    return Letter(
        "email_changed",
        "Your e-mail address was changed",
        _text(
            places,
            f"Your CloudDeck account now belongs to the address {veiled(now)}, and no longer to\n"
            "this one.",
            "",
            "If that was not you, tell whoever runs this installation at once.",
        ),
    )


def password_changed(places: Places) -> Letter:
    """To somebody whose password is another one now."""
    return Letter(
        "password_changed",
        "Your password was changed",
        _text(
            places,
            "The password of your CloudDeck account was changed, and your other sessions were\n"
            "ended. API keys go on working.",
            "",
            "If that was not you, choose another one at once:\n\n"
            + places.ways("forgot", "reset YOUR-ADDRESS"),
        ),
    )


def access_approved(places: Places, token: str) -> Letter:
    """To somebody who asked for access and gets it."""
    return Letter(
        "access_approved",
        "You can sign up now",
        _text(
            places,
            "You asked for access to CloudDeck, and it was granted. Make your account within\n"
            "seven days; it is active at once:",
            places.ways(f"sign-up?invitation={token}", f"signup --invitation {token}"),
            "If you did not ask for it, you need not do anything.",
        ),
    )


def veiled(email: str) -> str:
    """An address as somebody may see it who need not know all of it: `a***@example.com`."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"


def _not_you(asked_from: str) -> str:
    came = f" The request came from {asked_from}." if asked_from else ""
    return f"If it was not you, you need not do anything.{came}"


def _text(places: Places, *parts: str) -> str:
    said = [part for part in parts if part]
    return "\n\n".join(["Hello,", *said, f"CloudDeck at {places.console or places.api}"]) + "\n"
