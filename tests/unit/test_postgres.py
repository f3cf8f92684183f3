"""How Postgres is reached: the address that the environment spells out."""

import json
import re

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID
from sqlalchemy import URL

from tests.conftest import Set
from vixenbliss import credentials
from vixenbliss.clock import now
from vixenbliss.errors import SettingMissingError
from vixenbliss.postgres import RDS_ROOTS, address

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:owner"
OF_OLD = {
    "username": "vixen",
    "password": "p@ss/w:rd#%",
    "host": "db.internal",
    "port": 6432,
    "dbname": "creator",
}
OF_OWNER = {"username": "owner", "password": "p@ss/w:rd#%"}
HOST = "db.abc.eu-west-1.rds.amazonaws.com"
REGIONS = """
    af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1
    ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ca-central-1
    eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2
    eu-west-3 me-central-1 me-south-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
"""
VOUCHED_FOR = r"Amazon RDS ([a-z]+-[a-z]+-\d) Root CA RSA2048 G1"


class Keeper:
    """A store with one secret."""

    def __init__(self, secret: dict[str, object]) -> None:
        self._secret = json.dumps(secret)

    def versions(self, _: str) -> tuple[str, ...]:
        return (self._secret,)

    def is_ripe(self, _: str) -> bool:
        return True


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch, surroundings: Set) -> Set:
    """Let Secrets Manager keep a secret, with these variables around it."""

    def change(**variables: str | None) -> None:
        surroundings(DATABASE_URL=None, DATABASE_SECRET_ARN=ARN, **variables)

    monkeypatch.setattr(credentials, "_store", Keeper(dict(OF_OWNER)))
    return change


def who(url: URL) -> tuple[object, ...]:
    return (url.username, url.password, url.host, url.port, url.database)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgres_gets_our_driver(
    scheme: str, surroundings: Set
) -> None:
    surroundings(DATABASE_URL=f"{scheme}://u:p@127.0.0.1:5/n")

    url = address().render_as_string(hide_password=False)

    assert url == "postgresql+psycopg://u:p@127.0.0.1:5/n"


def test_a_url_wins_over_all_the_others(keep: Set, surroundings: Set) -> None:
    keep(DATABASE_HOST=HOST, DATABASE_USER="vixenbliss")
    surroundings(DATABASE_URL="postgresql://u@127.0.0.1:5/n")

    assert who(address()) == ("u", None, "127.0.0.1", 5, "n")


def test_who_signs_in_with_iam_has_no_password(surroundings: Set) -> None:
    surroundings(DATABASE_URL=None, DATABASE_HOST=HOST, DATABASE_USER="vixenbliss")

    assert who(address()) == ("vixenbliss", None, HOST, 5432, "vixenbliss")


def test_a_host_has_a_port_and_a_database(surroundings: Set) -> None:
    surroundings(
        DATABASE_URL=None,
        DATABASE_HOST=HOST,
        DATABASE_PORT="6432",
        DATABASE_NAME="creator",
        DATABASE_USER="vixenbliss",
    )

    assert who(address())[-2:] == (6432, "creator")


def test_the_owner_s_secret_tells_no_host(keep: Set) -> None:
    keep(DATABASE_HOST=HOST, DATABASE_NAME="creator", DATABASE_APP_USER="vixenbliss")

    assert who(address()) == ("owner", "p@ss/w:rd#%", HOST, 5432, "creator")


def test_a_secret_that_tells_all_is_understood(
    keep: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep()
    monkeypatch.setattr(credentials, "_store", Keeper(OF_OLD))

    assert who(address()) == tuple(OF_OLD.values())


def test_a_secret_may_leave_out_port_and_name(
    keep: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep()
    told = {k: v for k, v in OF_OLD.items() if k not in ("port", "dbname")}
    monkeypatch.setattr(credentials, "_store", Keeper(told))

    assert who(address())[-2:] == (5432, "postgres")


@pytest.mark.parametrize("alone", [{"DATABASE_HOST": HOST}, {"DATABASE_USER": "u"}])
def test_half_an_address_is_none(alone: dict[str, str], surroundings: Set) -> None:
    surroundings(DATABASE_URL=None, **alone)

    with pytest.raises(SettingMissingError, match="DATABASE_URL"):
        address()


@pytest.mark.parametrize(
    ("via_proxy", "roots"), [("false", str(RDS_ROOTS)), ("true", certifi.where())]
)
def test_a_host_on_aws_has_to_prove_that_it_is_that_host(
    via_proxy: str, roots: str, surroundings: Set
) -> None:
    surroundings(
        DATABASE_URL=None,
        DATABASE_HOST=HOST,
        DATABASE_USER="vixenbliss",
        DATABASE_VIA_PROXY=via_proxy,
    )

    assert address().query == {"sslmode": "verify-full", "sslrootcert": roots}


def test_so_has_the_owner_s(keep: Set) -> None:
    keep(DATABASE_HOST=HOST)

    assert address().query["sslmode"] == "verify-full"


def test_rds_is_vouched_for_by_one_root_a_region() -> None:
    roots = x509.load_pem_x509_certificates(RDS_ROOTS.read_bytes())

    names = [
        str(root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        for root in roots
    ]

    regions = [found[1] for name in names if (found := re.fullmatch(VOUCHED_FOR, name))]
    assert regions == REGIONS.split()
    assert len(names) == len(regions)


def test_the_roots_are_roots_and_will_be_for_long() -> None:
    in_ten_years = now().replace(year=now().year + 10)

    for root in x509.load_pem_x509_certificates(RDS_ROOTS.read_bytes()):
        root.verify_directly_issued_by(root)
        constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
        key = root.public_key()
        assert constraints.value.ca
        assert isinstance(key, RSAPublicKey)
        assert key.key_size == 2048
        assert root.not_valid_before_utc < now() < in_ten_years
        assert in_ten_years < root.not_valid_after_utc


def test_the_file_names_its_roots_by_their_fingerprints() -> None:
    text = RDS_ROOTS.read_text()
    told = re.findall(r"^# ([\w-]+), sha256 ([0-9a-f]{64})$", text, re.MULTILINE)
    found = [
        root.fingerprint(hashes.SHA256()).hex()
        for root in x509.load_pem_x509_certificates(text.encode())
    ]

    assert [print_ for _, print_ in told] == found
    assert [region for region, _ in told] == REGIONS.split()
