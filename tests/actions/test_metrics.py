"""An action server of a fleet gives its figures to Prometheus itself."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from tests.conftest import Prepared, free_port
from tests.rasa_servers import action_server


@pytest.mark.fleet
async def test_what_the_bot_misses_is_counted_where_prometheus_can_ask(
    tmp_path: Path, prepared: Prepared, http: aiohttp.ClientSession
) -> None:
    port = free_port()

    async def misses() -> float:
        async with http.get(f"http://127.0.0.1:{port}/metrics") as response:
            lines = (await response.text()).splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("bot_misses_total"))

    with action_server(tmp_path, f"sqlite:///{prepared.path}", ACTIONS_METRICS=f"127.0.0.1:{port}") as address:
        assert await misses() == 0
        call = {
            "next_action": "action_out_of_scope",
            "sender_id": "nobody",
            "tracker": {"sender_id": "nobody", "slots": {}, "latest_message": {"text": "mumble"}, "events": []},
            "domain": {},
        }
        async with http.post(address, json=call) as response:
            assert response.status == 200, await response.text()
        assert await misses() == 1


@pytest.mark.fleet
def test_an_address_for_figures_that_can_not_be_used_is_told_and_keeps_nobody_from_answers(
    tmp_path: Path, prepared: Prepared
) -> None:
    with action_server(tmp_path, f"sqlite:///{prepared.path}", ACTIONS_METRICS="everywhere"):
        (log,) = tmp_path.glob("actions-*.log")
    assert "metrics_not_served" in log.read_text() and "127.0.0.1:9095" in log.read_text()
