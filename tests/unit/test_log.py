"""The one logger."""

from datetime import datetime

import pytest

from tests.support.logs import listening
from vixenbliss.log import log


def test_an_event_is_one_line_with_its_facts_as_keys() -> None:
    with listening() as lines:
        log.info("job settled", job_id="j1", seconds=3)

    (entry,) = lines.entries
    assert entry["message"] == "job settled"
    assert (entry["job_id"], entry["seconds"]) == ("j1", 3)
    assert (entry["level"], entry["service"]) == ("INFO", "vixenbliss")


def test_times_are_told_with_their_offset() -> None:
    with listening() as lines:
        log.info("job settled")

    told = datetime.fromisoformat(lines.entries[0]["timestamp"])
    assert told.tzinfo is not None


def test_a_fact_of_one_event_is_not_told_of_the_next() -> None:
    with listening() as lines:
        log.info("job settled", job_id="j1")
        log.info("job settled")

    assert "job_id" not in lines.entries[1]


def test_a_correlation_id_is_told_until_it_changes() -> None:
    log.set_correlation_id("request-1")
    with listening() as lines:
        log.info("job settled")
        log.set_correlation_id("request-2")
        log.info("job settled")

    told = [entry["correlation_id"] for entry in lines.entries]
    assert told == ["request-1", "request-2"]


@pytest.mark.parametrize("text", ["two\nlines", 'quote " and \\', "\x1b[31mred"])
def test_a_fact_cannot_write_a_line_of_its_own(text: str) -> None:
    with listening() as lines:
        log.info("job settled", code=text)

    assert [entry["code"] for entry in lines.entries] == [text]
