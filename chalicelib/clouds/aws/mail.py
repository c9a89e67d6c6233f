"""The Mail port on SES."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from chalicelib.clouds.aws.session import client, code_of
from chalicelib.core.config import Settings
from chalicelib.ports import Message


class SesMail:
    """Mail by SES (API v2) from the installation's verified sender."""

    def __init__(self, settings: Settings) -> None:
        self._sender = settings.mail_sender
        self._region = settings.region

    def send(self, message: Message) -> None:
        """Hand a mail to SES.

        Raises OSError when SES refuses, does not answer, or when there is no sender.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        if not self._sender:
            raise OSError("this installation has no sender of mail: set CLOUDDECK_MAIL_SENDER")
        try:
            self._ses.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [message.to]},
                Content={
                    "Simple": {
                        "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": message.text, "Charset": "UTF-8"}},
                    }
                },
                EmailTags=[{"Name": "kind", "Value": message.kind}],
            )
        except ClientError as error:
            raise OSError(f"SES refused a mail: {code_of(error)}") from error
        except BotoCoreError as error:
            raise OSError(f"SES does not answer: {type(error).__name__}") from error

    @cached_property
    def _ses(self) -> Any:
        return client("sesv2", self._region)
