"""The figures of an action server for Prometheus, which `/metrics` of a gateway can't see: they count elsewhere.

Rasa's action server imports every module here when it starts, and this one opens a port of its own if
ACTIONS_METRICS names one. Inside a gateway that is not needed: there the gateway's own `/metrics` has them.
"""

from __future__ import annotations

import logging

from prometheus_client import start_http_server

from bot import metrics as _counted_here  # noqa: F401  (what is counted must exist before it is asked for)
from bot.settings import Settings, SettingsError

logger = logging.getLogger(__name__)


def serve(place: str) -> None:
    """Answer with the figures at `host:port`; raises SettingsError for another form, OSError for a taken port."""
    host, _, port = place.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingsError(f"ACTIONS_METRICS={place!r}: use an address and a port, such as 127.0.0.1:9095.")
    start_http_server(int(port), addr=host)


def _serve_if_wanted() -> None:
    place = Settings.from_environment().actions_metrics
    if not place:
        return
    try:
        serve(place)
    except (SettingsError, OSError) as error:
        # Figures are no reason to leave visitors without answers.
        logger.error("metrics_not_served error=%s", error)


_serve_if_wanted()
