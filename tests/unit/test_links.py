"""Which addresses we send others to: https, on the internet, with nothing secret."""

import pytest
from pydantic import TypeAdapter, ValidationError

from vixenbliss.schemas.links import PublicUrl

links: TypeAdapter[str] = TypeAdapter(PublicUrl)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://videos.example.com/a/b.mp4?t=1#x",
        "https://example.com:8443/",
        "https://xn--bcher-kva.example/",
        "https://93.184.216.34/x",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/",
        "HTTPS://EXAMPLE.COM/X",
    ],
)
def test_an_address_on_the_internet_is_taken(url: str) -> None:
    assert links.validate_python(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com",
        "http://example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https:///x",
        "https://localhost/",
        "https://db.internal/",
        "https://printer.local",
        "https://api.test",
        "https://host/",
        "https://example.com./",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://100.64.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fd00::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://ada:secret@example.com/",
        "https://example.com@10.0.0.1/",
        "https://example.com\\@10.0.0.1/",
        "https://10.0.0.1\\.example.com/",
        "https://%31%30.0.0.1/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com/\x00",
        "https://bücher.example/",
        "https://example.com/" + "x" * 500,
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        links.validate_python(url)
