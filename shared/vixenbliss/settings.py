"""What the environment says: typed, frozen, and read once.

Every name here is explained in ``docs/settings.md``; nobody else reads the environment.
A secret ``NAME`` is taken from the variable ``NAME`` (several values, comma-separated,
current first) or from the Secrets Manager entry that ``NAME_ARN`` points to.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial

from vixenbliss.credentials import Credential
from vixenbliss.errors import SettingInvalidError, SettingMissingError

INSTAGRAM_GRAPH = "https://graph.instagram.com"
INSTAGRAM_LOGIN = "https://api.instagram.com"
INSTAGRAM_CONSENT = "https://www.instagram.com"
POSTGRES_PORT = 5432
MIN_JWT_SECRET_BYTES = 32  # RFC 7518, 3.2: a key of the hash's size or larger


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One function's surroundings. A part that is not set is empty, never guessed."""

    database: Credential
    """How Postgres is signed in to: a URL, or the JSON of an owner that RDS keeps.

    Where ``database_user`` says who signs in with IAM, it is a URL without a password.
    """
    database_host: str
    """Where it is, if neither URL nor JSON tells."""
    database_port: int
    database_name: str
    database_user: str
    """Who signs in with a token of IAM; nobody if it is empty."""
    database_app_user: str
    """The role that migrations let read and write rows, and change no table."""
    database_via_proxy: bool
    """RDS Proxy sits in front: no prepared statements, no session settings."""
    jwt_secret: Credential

    login_tries_per_address: int
    """How often a network address may try to sign in, in a quarter of an hour.

    As often it may show tokens of letters.
    """
    sign_ups_per_address: int
    """How many may sign up from a network address in an hour.

    As many letters may be asked for from there.
    """

    replicate_api_base: str
    replicate_api_token: Credential
    replicate_webhook_secret: Credential
    openai_base_url: str
    openai_api_key: Credential
    image_model: str
    caption_model: str
    moderation_model: str
    image_price_micros: int
    """What Replicate charges for one image, in micros of a dollar."""
    caption_input_price_micros: int
    """What OpenAI charges for 1,000 input tokens, in micros of a dollar."""
    caption_output_price_micros: int
    """What OpenAI charges for 1,000 output tokens, in micros of a dollar."""

    instagram_graph_base: str
    instagram_login_base: str
    """Where a code becomes a token."""
    instagram_consent_base: str
    """Where an account's owner says yes."""
    instagram_app_id: str
    instagram_app_secret: Credential
    instagram_verify_token: Credential
    """What Meta shows when it asks whether a webhook's address is ours."""
    tiktok_api_base: str
    tiktok_consent_base: str
    tiktok_client_key: str
    tiktok_client_secret: Credential

    stripe_api_base: str
    stripe_api_key: Credential
    stripe_webhook_secret: Credential
    grace_days: int
    """For how long a membership opens what it opens after a payment has failed."""

    aws_is_real: bool
    """AWS itself answers, not a stand-in named by AWS_ENDPOINT_URL."""
    public_api_base: str
    """Where the world reaches our API, for the addresses we hand to providers."""
    return_origins: tuple[str, ...]
    """Our own pages, to which a browser may be sent back from a platform."""
    media_bucket: str
    media_base: str
    """Where platforms fetch our files, if not from the bucket itself."""
    provenance_key_id: str
    token_key_id: str
    """The KMS key that wraps the keys of social accounts' tokens."""
    mail_from: str
    """Who our letters are from, an address; without one, none is sent."""
    queue_urls: Mapping[str, str]
    """Queue name, as in the template, to its URL."""

    lease_s: int
    """How long a claimed row is ours; longer than the function may run."""
    retry_delays_s: tuple[int, ...]
    """Waits before the second and the third try of a job."""
    request_timeout_s: float
    """How long a provider may take to answer one call."""

    @property
    def time_to_ask_s(self) -> float:
        """For how long a batch may ask providers: half of its lease.

        The other half is for keeping what came of it, and for the seconds by which a
        lease outlasts its function.
        """
        return self.lease_s / 2

    def queue_url(self, name: str) -> str:
        """Return the URL of a queue.

        Raises:
            SettingMissingError: this function was not told where the queue is.
        """
        if name not in self.queue_urls:
            raise SettingMissingError(f"QUEUE_URL_{name.upper()}")
        return self.queue_urls[name]


def _credential(environment: Mapping[str, str], name: str) -> Credential:
    plain = tuple(filter(None, environment.get(name, "").split(",")))
    arn = environment.get(f"{name}_ARN") or None
    return Credential(name, plain, None if plain else arn)


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(environment.get(name, default))
    except ValueError as error:
        raise SettingInvalidError(name, "a whole number") from error


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    try:
        return float(environment.get(name, default))
    except ValueError as error:
        raise SettingInvalidError(name, "a number of seconds") from error


def _delays(
    environment: Mapping[str, str], name: str, default: tuple[int, ...]
) -> tuple[int, ...]:
    try:
        spelled = environment.get(name)
        return tuple(map(int, spelled.split(","))) if spelled else default
    except ValueError as error:
        raise SettingInvalidError(name, "a list of whole numbers") from error


def _queue_urls(environment: Mapping[str, str]) -> dict[str, str]:
    prefix = "QUEUE_URL_"
    return {
        name.removeprefix(prefix).lower(): url
        for name, url in environment.items()
        if name.startswith(prefix) and url
    }


def read(environment: Mapping[str, str]) -> Settings:
    """Return the settings that an environment spells out.

    Raises:
        SettingInvalidError: a number is spelled as none.
    """
    get = environment.get
    whole = partial(_whole, environment)
    return Settings(
        database=_database(environment),
        database_host=get("DATABASE_HOST", ""),
        database_port=whole("DATABASE_PORT", POSTGRES_PORT),
        database_name=get("DATABASE_NAME", "vixenbliss"),
        database_user="" if get("DATABASE_URL") else get("DATABASE_USER", ""),
        database_app_user=get("DATABASE_APP_USER", ""),
        database_via_proxy=get("DATABASE_VIA_PROXY", "") == "true",
        jwt_secret=_jwt_secret(environment),
        login_tries_per_address=whole("LOGIN_TRIES_PER_ADDRESS", 20),
        sign_ups_per_address=whole("SIGN_UPS_PER_ADDRESS", 20),
        replicate_api_base=get("REPLICATE_API_BASE", "https://api.replicate.com/v1"),
        replicate_api_token=_credential(environment, "REPLICATE_API_TOKEN"),
        replicate_webhook_secret=_credential(environment, "REPLICATE_WEBHOOK_SECRET"),
        openai_base_url=get("OPENAI_BASE_URL", "https://api.openai.com/v1"),
        openai_api_key=_credential(environment, "OPENAI_API_KEY"),
        image_model=get("IMAGE_MODEL", "black-forest-labs/flux-schnell"),
        caption_model=get("CAPTION_MODEL", "gpt-5.4-mini"),
        moderation_model=get("MODERATION_MODEL", "omni-moderation-latest"),
        image_price_micros=whole("IMAGE_PRICE_MICROS", 3000),
        caption_input_price_micros=whole("CAPTION_INPUT_PRICE_MICROS", 750),
        caption_output_price_micros=whole("CAPTION_OUTPUT_PRICE_MICROS", 4500),
        instagram_graph_base=get("INSTAGRAM_GRAPH_BASE", INSTAGRAM_GRAPH),
        instagram_login_base=get("INSTAGRAM_LOGIN_BASE", INSTAGRAM_LOGIN),
        instagram_consent_base=get("INSTAGRAM_CONSENT_BASE", INSTAGRAM_CONSENT),
        instagram_app_id=get("INSTAGRAM_APP_ID", ""),
        instagram_app_secret=_credential(environment, "INSTAGRAM_APP_SECRET"),
        instagram_verify_token=_credential(environment, "INSTAGRAM_VERIFY_TOKEN"),
        tiktok_api_base=get("TIKTOK_API_BASE", "https://open.tiktokapis.com"),
        tiktok_consent_base=get("TIKTOK_CONSENT_BASE", "https://www.tiktok.com"),
        tiktok_client_key=get("TIKTOK_CLIENT_KEY", ""),
        tiktok_client_secret=_credential(environment, "TIKTOK_CLIENT_SECRET"),
        stripe_api_base=get("STRIPE_API_BASE", "https://api.stripe.com"),
        stripe_api_key=_credential(environment, "STRIPE_API_KEY"),
        stripe_webhook_secret=_credential(environment, "STRIPE_WEBHOOK_SECRET"),
        grace_days=whole("GRACE_DAYS", 7),
        aws_is_real=not get("AWS_ENDPOINT_URL"),
        public_api_base=get("PUBLIC_API_BASE", ""),
        return_origins=tuple(filter(None, get("RETURN_ORIGINS", "").split(","))),
        media_bucket=get("MEDIA_BUCKET", ""),
        media_base=get("MEDIA_BASE", ""),
        provenance_key_id=get("PROVENANCE_KEY_ID", ""),
        token_key_id=get("TOKEN_KEY_ID", ""),
        mail_from=get("MAIL_FROM", ""),
        queue_urls=_queue_urls(environment),
        lease_s=whole("LEASE_S", 90),
        retry_delays_s=_delays(environment, "RETRY_DELAYS_S", (30, 120)),
        request_timeout_s=_seconds(environment, "REQUEST_TIMEOUT_S", 20),
    )


def _jwt_secret(environment: Mapping[str, str]) -> Credential:
    secret = _credential(environment, "JWT_SECRET")
    return replace(secret, at_least_bytes=MIN_JWT_SECRET_BYTES, ripens=True)


def _database(environment: Mapping[str, str]) -> Credential:
    """Return the first of a URL, a user of IAM and a secret; commas part none."""
    name, get = "DATABASE_URL", environment.get
    if url := get(name):
        return Credential(name, (url,), is_list=False)
    host, user = get("DATABASE_HOST"), get("DATABASE_USER")
    if host and user:
        # It holds no secret: each connection is given a password of its own.
        return Credential(name, (f"postgresql://{user}@{host}",), is_list=False)
    secret_id = get("DATABASE_SECRET_ARN") or None
    return Credential(name, secret_id=secret_id, is_list=False)


@cache
def settings() -> Settings:
    """Return this container's settings."""
    return read(os.environ)
