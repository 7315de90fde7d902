"""The generic webhook: the notice's document as JSON, signed with HMAC-SHA256."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime

from expectations.alerts.delivery import Outcome
from expectations.alerts.http_post import SECONDS, NoAnswerError, Target, outcome, post
from expectations.alerts.instants import utc
from expectations.alerts.outbox import Notice


@dataclass(frozen=True)
class Webhook:
    """Posts to one address; without a secret the notices are not signed."""

    target: Target
    secret: str | None = field(repr=False)
    seconds: float = SECONDS

    def deliver(self, notice: Notice, now: datetime) -> Outcome:
        """Post the body under its Idempotency-Key: the receiver may drop what it has seen."""
        body = notice.body.encode()
        timestamp = str(int(utc(now).replace(tzinfo=UTC).timestamp()))
        headers = {"Idempotency-Key": notice.key, "X-Pilotage-Timestamp": timestamp}
        if self.secret:
            headers["X-Pilotage-Signature"] = f"sha256={signature(self.secret, timestamp, body)}"
        try:
            return outcome(post(self.target, body, headers, self.seconds), now)
        except NoAnswerError as error:
            return Outcome("later", str(error), is_channel_down=True)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over "<timestamp>.<body>", in hex. timestamp: seconds since 1970, as text."""
    signed = f"{timestamp}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
