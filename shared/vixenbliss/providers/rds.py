"""Amazon RDS: a password for one connection, which nobody keeps.

Who may connect as whom says IAM (``rds-db:connect``); the password is a presigned
request that nobody ever makes. Source: RDS guide, "Connecting to your DB instance using
IAM authentication". It is made here, as ``generate_db_auth_token`` would, since that
needs botocore's description of all of RDS, which the layer leaves out.
"""

from functools import cache

import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError

from vixenbliss.errors import ProviderUnavailableError
from vixenbliss.snapshots import after_restore

SERVICE = "rds-db"
LASTS_S = 900
"""For how long a token opens; a connection outlives it."""
_SCHEME = "https://"


@cache
def _session() -> botocore.session.Session:
    """Return the container's session, which renews its credentials by itself."""
    after_restore(_session.cache_clear)
    return botocore.session.get_session()


def token(host: str, port: int, user: str) -> str:
    """Return the password by which a user may connect to exactly this host, now.

    Signed here, without a call; only credentials that have run out are fetched, from
    within the container.

    Raises:
        ProviderUnavailableError: nobody tells us who we are, or in which region.
    """
    try:
        credentials = _session().get_credentials()
        region = _session().get_config_variable("region")
    except BotoCoreError as error:
        raise ProviderUnavailableError("IAM", "no credentials") from error
    if credentials is None or not region:
        raise ProviderUnavailableError("IAM", "no credentials, or no region")
    url = f"{_SCHEME}{host}:{port}/?Action=connect&DBUser={user}"
    request = AWSRequest("GET", url)
    frozen = credentials.get_frozen_credentials()
    SigV4QueryAuth(frozen, SERVICE, region, expires=LASTS_S).add_auth(request)
    return str(request.url).removeprefix(_SCHEME)
