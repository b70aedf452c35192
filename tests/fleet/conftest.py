"""The fleet that tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fleet.fleet import Fleet, running_fleet


@pytest.fixture(scope="package")
def started_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    # Everybody comes from one address here, and a busy machine may answer late: what counts is what is said.
    with running_fleet(tmp_path_factory.mktemp("fleet"), RATE_ADDRESS="0", RATE_OPEN="0", REPLY_TIMEOUT="30") as one:
        yield one


@pytest.fixture
def fleet(started_fleet: Fleet) -> Fleet:
    """A running fleet in which everyone serves."""
    started_fleet.workers.servers = list(started_fleet.rasa_ports)
    started_fleet.gateways.servers = list(started_fleet.gateway_ports)
    return started_fleet
