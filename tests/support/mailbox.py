"""What people find in their mail: what moto's SES has taken, in this process."""

import re
from dataclasses import dataclass

from moto.ses.models import ses_backends

from tests.support.api import ACCOUNT
from tests.support.workers import Workers

_TOKEN = re.compile(r"\?token=([\w-]+)")


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter, as it is read."""

    sender: str
    subject: str
    text: str

    @property
    def token(self) -> str:
        """What the link in the letter brings."""
        found = _TOKEN.search(self.text)
        assert found, self.text
        return found[1]


def mail_of(address: str) -> list[Mail]:
    """Return the letters that an address has got, oldest first."""
    backend = ses_backends[ACCOUNT]["eu-west-1"]
    return [
        Mail(message.source, message.subject, message.body)
        for message in backend.sent_messages
        if message.destinations["ToAddresses"] == [address]
    ]


@dataclass(frozen=True, slots=True)
class Postman:
    """Has letters sent that wait."""

    workers: Workers

    def bring(self, address: str) -> Mail:
        """Return the newest letter of an address, once all have been brought."""
        self.workers.deliver("mail")
        return mail_of(address)[-1]

    def token(self, address: str) -> str:
        """Return what the newest letter of an address brings."""
        return self.bring(address).token
