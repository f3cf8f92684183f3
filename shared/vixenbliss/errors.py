"""Everything that can go wrong on purpose, as one tree.

VixenBlissError
├── ValidationError
│   ├── InvalidSignatureError
│   ├── InvalidTokenError
│   └── UserExistsError
├── UnauthorizedError
│   ├── InvalidCredentialsError
│   └── TokenReusedError
├── ForbiddenError
│   ├── EntitlementRequiredError
│   ├── LessonNotOpenError
│   ├── PolicyBlockedError
│   └── ScopesMissingError
├── NotFoundError
│   ├── ApiKeyNotFoundError
│   ├── AssetNotFoundError
│   ├── AttestationNotFoundError
│   ├── AvatarNotFoundError
│   ├── BenefitNotFoundError
│   ├── CardNotFoundError
│   ├── CategoryNotFoundError
│   ├── CheckoutNotFoundError
│   ├── CourseNotFoundError
│   ├── DataRequestNotFoundError
│   ├── DecisionNotFoundError
│   ├── DisputeNotFoundError
│   ├── EnrollmentNotFoundError
│   ├── EventNotFoundError
│   ├── GrantNotFoundError
│   ├── ItemNotFoundError
│   ├── JobNotFoundError
│   ├── LessonNotFoundError
│   ├── MemberNotFoundError
│   ├── OrderNotFoundError
│   ├── PieceNotFoundError
│   ├── PostNotFoundError
│   ├── PriceNotFoundError
│   ├── ProductNotFoundError
│   ├── ProvenanceNotFoundError
│   ├── QueueNotFoundError
│   ├── RatingNotFoundError
│   ├── SessionNotFoundError
│   ├── SheetNotFoundError
│   ├── SocialAccountNotFoundError
│   ├── SubscriptionNotFoundError
│   ├── TeacherNotFoundError
│   ├── ThreadNotFoundError
│   ├── TodoNotFoundError
│   ├── UserNotFoundError
│   └── WorkspaceNotFoundError
├── ConflictError
│   ├── AccountTakenError
│   ├── AlreadySubscribedError
│   ├── BudgetExceededError
│   ├── DuplicateAvatarError
│   ├── DuplicatePostError
│   ├── IdempotencyMismatchError
│   ├── InvalidStateError
│   │   └── ReauthenticationNeededError
│   ├── NotApprovedError
│   ├── OutOfStockError
│   ├── PostRefusedError
│   ├── QuotaExceededError
│   └── RequestInProgressError
├── PreconditionFailedError
├── PreconditionRequiredError
├── PayloadTooLargeError
├── UnsupportedMediaTypeError
├── TooManyRequestsError
├── ProviderError
│   ├── OutcomeUnknownError
│   │   └── TracelessCallError
│   ├── PolicyUnavailableError
│   ├── ProviderRefusedError
│   └── ProviderUnavailableError
│       └── RateLimitedError
├── DatabaseError
│   ├── ConstraintViolatedError
│   └── DatabaseUnavailableError
├── LeaseLostError
├── SettingInvalidError
└── SettingMissingError

An error takes facts and writes its own sentence. Nothing here knows HTTP:
``vixenbliss.api.errors`` holds the only table of statuses.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar, Self


class VixenBlissError(Exception):
    """Base of every error raised on purpose."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    operational: ClassVar[bool] = False
    """Expected trouble, logged as a warning; anything else wants a person."""


class ValidationError(VixenBlissError):
    """The request cannot be understood, or breaks a rule of its form."""

    code = "VALIDATION_ERROR"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidSignatureError(ValidationError):
    """A delivery is not signed by the provider it claims to come from."""

    code = "INVALID_SIGNATURE"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The signature is not valid: {reason}.")


class InvalidTokenError(ValidationError):
    """A one-time token is unknown, spent or too old."""

    code = "INVALID_TOKEN"

    def __init__(self) -> None:
        super().__init__("The token is not valid, or no longer.", field="token")


class UserExistsError(ValidationError):
    """Somebody has signed up with that address already."""

    code = "USER_EXISTS"

    def __init__(self) -> None:
        super().__init__("A user with this email already exists", field="email")


class UnauthorizedError(VixenBlissError):
    """Nobody, or nobody we know, is asking."""

    code = "UNAUTHORIZED"

    def __init__(self, message: str = "A valid bearer token is required.") -> None:
        super().__init__(message)


class InvalidCredentialsError(UnauthorizedError):
    """The address and the password do not belong together.

    Said alike of an unknown address, a wrong password and a closed account.
    """

    code = "INVALID_CREDENTIALS"

    def __init__(self) -> None:
        super().__init__("The email or the password is not right.")


class TokenReusedError(UnauthorizedError):
    """A refresh token came a second time."""

    code = "TOKEN_REUSED"

    def __init__(self) -> None:
        super().__init__("This refresh token has been used before; sign in again.")


class ForbiddenError(VixenBlissError):
    """The caller is known, and may not do this."""

    code = "FORBIDDEN"


class EntitlementRequiredError(ForbiddenError):
    """Only somebody who holds a grant may open this; ``offers`` are what would give it.

    Each offer is the id of a product that is for sale.
    """

    code = "ENTITLEMENT_REQUIRED"

    def __init__(self, offers: Sequence[str] = ()) -> None:
        super().__init__("This is open to those who hold it; see the offers.")
        self.offers = tuple(offers)


class LessonNotOpenError(ForbiddenError):
    """A class opens some days after somebody has enrolled, and it is too early."""

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(f"This class opens at {opens_at.astimezone(UTC).isoformat()}.")
        self.opens_at = opens_at


class PolicyBlockedError(ForbiddenError):
    """The policy floor refuses the content itself."""

    code = "POLICY_BLOCKED"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(f"Our content policy refuses this: {', '.join(reasons)}.")
        self.reasons = tuple(reasons)


class ScopesMissingError(ForbiddenError):
    """An account's owner has not let us do what publishing needs."""

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(f"The account's owner did not grant {', '.join(scopes)}.")
        self.scopes = tuple(scopes)


class NotFoundError(VixenBlissError):
    """The thing asked for is not there, or is not the caller's to see."""

    code = "NOT_FOUND"
    noun: ClassVar[str] = "Resource"

    def __init__(self) -> None:
        super().__init__(f"{self.noun} not found")


class ApiKeyNotFoundError(NotFoundError):
    """No API key of that id is in the workspace."""

    noun = "API key"


class AssetNotFoundError(NotFoundError):
    """No asset of that id is in the workspace."""

    noun = "Asset"


class AttestationNotFoundError(NotFoundError):
    """The avatar has no such live attestation."""

    noun = "Attestation"


class AvatarNotFoundError(NotFoundError):
    """No avatar of that id is in the workspace."""

    noun = "Avatar"


class BenefitNotFoundError(NotFoundError):
    """No benefit of that id is in the workspace."""

    noun = "Benefit"


class CardNotFoundError(NotFoundError):
    """No card of that id hangs on the workspace's board."""

    noun = "Card"


class CategoryNotFoundError(NotFoundError):
    """No category of that id is there."""

    noun = "Category"


class CheckoutNotFoundError(NotFoundError):
    """The user has no checkout of that id."""

    noun = "Checkout"


class CourseNotFoundError(NotFoundError):
    """No course goes by that slug or id."""

    noun = "Course"


class DataRequestNotFoundError(NotFoundError):
    """The user has made no such request."""

    noun = "Request"


class DecisionNotFoundError(NotFoundError):
    """No policy decision of that id is in the workspace."""

    noun = "Policy decision"


class DisputeNotFoundError(NotFoundError):
    """No dispute of that id is in the workspace."""

    noun = "Dispute"


class EnrollmentNotFoundError(NotFoundError):
    """The user is not in the course."""

    noun = "Enrolment"


class EventNotFoundError(NotFoundError):
    """No webhook event of that id was stored."""

    noun = "Webhook event"


class GrantNotFoundError(NotFoundError):
    """No grant of that id is in the workspace."""

    noun = "Grant"


class ItemNotFoundError(NotFoundError):
    """No item of that id is on sale, or in the workspace."""

    noun = "Item"


class JobNotFoundError(NotFoundError):
    """No content job of that id is in the workspace."""

    noun = "Job"


class LessonNotFoundError(NotFoundError):
    """The course has no class of that id."""

    noun = "Class"


class MemberNotFoundError(NotFoundError):
    """No such user is a member of the workspace."""

    noun = "Member"


class OrderNotFoundError(NotFoundError):
    """No order of that id is the caller's to see."""

    noun = "Order"


class PieceNotFoundError(NotFoundError):
    """No content piece of that id is in the workspace."""

    noun = "Piece"


class PostNotFoundError(NotFoundError):
    """No post of that id is in the workspace."""

    noun = "Post"


class PriceNotFoundError(NotFoundError):
    """No price of that id is for sale."""

    noun = "Price"


class ProductNotFoundError(NotFoundError):
    """No product of that id is for sale, or in the workspace."""

    noun = "Product"


class ProvenanceNotFoundError(NotFoundError):
    """We have signed no statement about these bytes."""

    noun = "Provenance statement"


class QueueNotFoundError(NotFoundError):
    """No queue goes by that name."""

    noun = "Queue"


class RatingNotFoundError(NotFoundError):
    """The user has not rated the course."""

    noun = "Rating"


class SessionNotFoundError(NotFoundError):
    """The user has no live session of that id."""

    noun = "Session"


class SheetNotFoundError(NotFoundError):
    """The avatar has no identity sheet of that version."""

    noun = "Sheet"


class SocialAccountNotFoundError(NotFoundError):
    """No social account of that id is in the workspace."""

    noun = "Social account"


class SubscriptionNotFoundError(NotFoundError):
    """No subscription of that id is the caller's to see."""

    noun = "Subscription"


class TeacherNotFoundError(NotFoundError):
    """No teacher of that id is there."""

    noun = "Teacher"


class ThreadNotFoundError(NotFoundError):
    """The workspace's inbox has no thread of that id."""

    noun = "Thread"


class TodoNotFoundError(NotFoundError):
    """The user has no todo of that id."""

    noun = "Todo"


class UserNotFoundError(NotFoundError):
    """Nobody has signed up with that address."""

    noun = "User"


class WorkspaceNotFoundError(NotFoundError):
    """There is no such workspace, or the caller is no member of it."""

    noun = "Workspace"


class ConflictError(VixenBlissError):
    """The request is well formed but clashes with what is stored."""

    code = "CONFLICT"


class AccountTakenError(ConflictError):
    """Another workspace publishes to that social account."""

    def __init__(self) -> None:
        super().__init__("Another workspace is connected to this account.")


class AlreadySubscribedError(ConflictError):
    """The customer has a live subscription to the product."""

    code = "ALREADY_SUBSCRIBED"

    def __init__(self) -> None:
        super().__init__("You have this membership already.")


class BudgetExceededError(ConflictError):
    """The avatar's budget of the month does not bear the estimated cost."""

    code = "BUDGET_EXCEEDED"

    def __init__(self, *, needed_micros: int, left_micros: int) -> None:
        super().__init__(
            f"This needs {_dollars(needed_micros)} of budget;"
            f" {_dollars(left_micros)} are left this month."
        )


class DuplicateAvatarError(ConflictError):
    """The workspace has a live avatar of that name."""

    code = "DUPLICATE_AVATAR"

    def __init__(self) -> None:
        super().__init__("Avatar name exists")


class DuplicatePostError(ConflictError):
    """The same content is on its way to this account, or there already."""

    code = "DUPLICATE_POST"

    def __init__(self) -> None:
        super().__init__(
            "The same content is on its way to this account, or there already;"
            " say allow_duplicate if you mean it."
        )


class IdempotencyMismatchError(ConflictError):
    """An idempotency key came back with another request."""

    code = "IDEMPOTENCY_MISMATCH"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request.")


class InvalidStateError(ConflictError):
    """The thing is not in a state from which this can be done."""

    code = "INVALID_STATE"

    def __init__(self, message: str, *, missing: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.missing = tuple(missing)


class ReauthenticationNeededError(InvalidStateError):
    """A social account opens to us again only when its owner says yes again."""

    def __init__(self) -> None:
        super().__init__("The account needs to be connected again by its owner.")


class NotApprovedError(ConflictError):
    """The content is not the content that was looked at."""

    code = "NOT_APPROVED"


class OutOfStockError(ConflictError):
    """There are not as many left as are wanted."""

    code = "OUT_OF_STOCK"

    def __init__(self, name: str, left: int) -> None:
        super().__init__(f"Of {name!r} there are only {left} left.")
        self.left = left


class PostRefusedError(ConflictError):
    """A post would not keep the rules; ``missing`` says which, and what would help."""

    code = "PREFLIGHT_FAILED"

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__(f"This cannot be published: {' '.join(findings)}")
        self.missing = tuple(findings)


class QuotaExceededError(ConflictError):
    """The account will have published as much as its platform takes by then."""

    code = "QUOTA_EXCEEDED"


class RequestInProgressError(ConflictError):
    """The first request under this idempotency key has not ended yet."""

    code = "REQUEST_IN_PROGRESS"
    operational = True

    def __init__(self) -> None:
        super().__init__("The first request with this Idempotency-Key still runs.")


class PreconditionFailedError(VixenBlissError):
    """The row has moved on since the caller read it."""

    code = "PRECONDITION_FAILED"

    def __init__(self, version: int) -> None:
        super().__init__(f'The resource is at "v{version}" now; read it again.')


class PreconditionRequiredError(VixenBlissError):
    """A versioned row is changed only by someone who says which version they saw."""

    code = "PRECONDITION_REQUIRED"

    def __init__(self) -> None:
        super().__init__("Send If-Match with the ETag that you read.")


class PayloadTooLargeError(VixenBlissError):
    """The body is larger than this path accepts."""

    code = "PAYLOAD_TOO_LARGE"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The body may have {limit_bytes} bytes at most.")


class UnsupportedMediaTypeError(VixenBlissError):
    """The body is of a kind that this path does not read."""

    code = "UNSUPPORTED_MEDIA_TYPE"

    def __init__(self, expected: str) -> None:
        super().__init__(f"The body must be {expected}.")


class TooManyRequestsError(VixenBlissError):
    """It was tried too often; some time has to pass."""

    code = "RATE_LIMITED"
    operational = True

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"Too many tries; try again in {math.ceil(wait_s)} seconds.")
        self.wait_s = wait_s


class ProviderError(VixenBlissError):
    """A provider did not do what we asked.

    ``reason`` is ours and may be shown to whoever asked. ``words`` are the provider's
    own, which may tell of our account, and are for logs and dead letters alone.
    ``status`` is the HTTP status it answered with, if it answered at all,
    ``retry_after_s`` for how long it asked us to leave it alone, ``their_code`` what it
    calls the trouble itself, and ``is_transient`` that it says the trouble will pass.
    """

    code = "UPSTREAM_ERROR"
    operational = True

    def __init__(  # noqa: PLR0913 - facts, each by its name
        self,
        provider: str,
        reason: str,
        *,
        words: str = "",
        status: int | None = None,
        retry_after_s: int | None = None,
        their_code: str = "",
        is_transient: bool = False,
    ) -> None:
        super().__init__(f"{provider}: {reason}")
        self.their_code = their_code
        self.is_transient = is_transient
        self.provider = provider
        self.reason = reason
        self.words = words
        self.status = status
        self.retry_after_s = retry_after_s


class OutcomeUnknownError(ProviderError):
    """The call may have had its effect; only reading can tell. Never just repeat it."""

    code = "OUTCOME_UNKNOWN"


class TracelessCallError(OutcomeUnknownError):
    """The answer is lost, and the provider shows no trace of the call, or not yet.

    Look once more before repeating it; should there be no other look, it was not made.
    """

    @classmethod
    def after(cls, error: OutcomeUnknownError) -> Self:
        """Return what an error has become by looking."""
        return cls(error.provider, error.reason, words=error.words, status=error.status)


class PolicyUnavailableError(ProviderError):
    """The policy gate could not judge; what is not judged is not publishable."""

    code = "POLICY_UNAVAILABLE"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("policy gate", f"no verdict ({', '.join(reasons)})")


class ProviderRefusedError(ProviderError):
    """The provider understood and said no; asking again will not help."""

    code = "PROVIDER_REFUSED"


class ProviderUnavailableError(ProviderError):
    """The call certainly had no effect; it may be tried again later."""

    code = "PROVIDER_UNAVAILABLE"


class RateLimitedError(ProviderUnavailableError):
    """We have not asked: the provider takes no more calls from this account now."""

    code = "RATE_LIMITED"

    def __init__(self, provider: str, *, wait_s: float) -> None:
        super().__init__(
            provider, "too many calls just now", retry_after_s=int(wait_s) + 1
        )


class DatabaseError(VixenBlissError):
    """The database refused a statement for a reason that no caller can mend."""


class ConstraintViolatedError(DatabaseError):
    """A constraint of the schema said no; its name says which rule."""

    def __init__(self, constraint: str) -> None:
        super().__init__(f"The constraint {constraint} does not hold.")
        self.constraint = constraint


class DatabaseUnavailableError(DatabaseError):
    """The database is out of reach, too busy, or gave way to another transaction."""

    code = "UNAVAILABLE"
    operational = True

    def __init__(self) -> None:
        super().__init__("The database cannot answer right now; try again shortly.")


class LeaseLostError(VixenBlissError):
    """Another worker has taken the row over; nothing of ours may be written to it."""

    operational = True

    def __init__(self) -> None:
        super().__init__("Another worker holds this row now.")


class SettingInvalidError(VixenBlissError):
    """A setting is there, and is not what it has to be."""

    code = "UNAVAILABLE"

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"The setting {name} is not {expected}.")


class SettingMissingError(VixenBlissError):
    """A setting that this function cannot do without is not there."""

    code = "UNAVAILABLE"

    def __init__(self, name: str) -> None:
        super().__init__(f"The setting {name} is missing.")


def _dollars(micros: int) -> str:
    """Return an amount as people write it, exactly, with two decimals at least."""
    whole, rest = divmod(micros, 1_000_000)
    decimals = f"{rest:06}".rstrip("0").ljust(2, "0")
    return f"${whole}.{decimals}"
