"""Every "no" of the gateway: code, HTTP status, whether asking again helps, and a title (RFC 9457)."""

from enum import StrEnum


class Code(StrEnum):
    """The codes of the gateway's description, in its order."""

    INVALID_TARGET = "INVALID_TARGET"
    NOT_SERVED_BY_CARRIER = "NOT_SERVED_BY_CARRIER"
    KYC_REQUIRED = "KYC_REQUIRED"
    PRODUCT_UNAVAILABLE = "PRODUCT_UNAVAILABLE"
    QUOTE_EXPIRED = "QUOTE_EXPIRED"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    BALANCE_CAP = "BALANCE_CAP"
    DAILY_LIMIT = "DAILY_LIMIT"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    IN_PROGRESS = "IN_PROGRESS"
    INVALID_STATE = "INVALID_STATE"
    REVERSAL_NOT_POSSIBLE = "REVERSAL_NOT_POSSIBLE"
    CARRIER_DOWN = "CARRIER_DOWN"
    RATE_LIMITED = "RATE_LIMITED"
    INTERNAL = "INTERNAL"
    NOT_SIGNED = "NOT_SIGNED"
    """Not in the description, which knows certificates only."""


_TABLE = {
    Code.INVALID_TARGET: (422, "NEVER", "This number cannot be topped up"),
    Code.NOT_SERVED_BY_CARRIER: (409, "NEVER", "Another carrier serves this number"),
    Code.KYC_REQUIRED: (403, "NEVER", "The carrier must see an identity document first"),
    Code.PRODUCT_UNAVAILABLE: (422, "NEVER", "No such product"),
    Code.QUOTE_EXPIRED: (409, "NEVER", "The quote no longer holds"),
    Code.AMOUNT_MISMATCH: (422, "NEVER", "The amount is not the quoted one"),
    Code.BALANCE_CAP: (409, "NEVER", "The balance would exceed its cap"),
    Code.DAILY_LIMIT: (409, "NEVER", "The daily limit of this line is reached"),
    # The first request under this key may well have had its effect.
    Code.IDEMPOTENCY_MISMATCH: (422, "AFTER_QUERY", "This key was used for another request"),
    Code.IN_PROGRESS: (409, "SAME_KEY", "This request is still under way"),
    Code.INVALID_STATE: (409, "AFTER_QUERY", "The top-up is not in a state that allows this"),
    Code.REVERSAL_NOT_POSSIBLE: (409, "NEVER", "The top-up can no longer be reversed"),
    Code.CARRIER_DOWN: (503, "SAME_KEY", "The carrier cannot be reached"),
    Code.RATE_LIMITED: (429, "SAME_KEY", "Too many requests"),
    Code.INTERNAL: (500, "AFTER_QUERY", "Internal error"),
    Code.NOT_SIGNED: (401, "NEVER", "The request is not signed"),
}


class Problem(Exception):
    """Raised by the simulator's rules, before they change anything; answered as a problem document."""

    def __init__(self, code: Code, title: str = "", *, status: int = 0, retry: str = "") -> None:
        usual_status, usual_retry, usual_title = _TABLE[code]
        self.code = code
        self.status = status or usual_status
        self.retry = retry or usual_retry
        self.title = title or usual_title
        super().__init__(f"{code}: {self.title}")

    def body(self) -> dict[str, object]:
        """Return the problem document."""
        return {
            "type": f"urn:konbini-kiosk:problem:{self.code.value.lower()}",
            "title": self.title,
            "status": self.status,
            "code": self.code.value,
            "retry": self.retry,
        }


def day_not_closed() -> Problem:
    """Return the "no" to a settlement file that is not there yet."""
    return Problem(Code.INVALID_STATE, "The day is not closed yet", status=404, retry="SAME_KEY")
