"""A real fleet on the loopback address: gateways, Rasa workers, action servers, PostgreSQL, Redis, balancers."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot import training
from bot.settings import PROJECT_ROOT
from tests.conftest import Process, agency_file, free_port, prepare_database, staff, start, wait_for
from tests.fleet.balancer import Balancer
from tests.servers import postgres_server, redis_server

TOKEN = "a token between gateways and workers"
EACH = 2


@dataclass
class Fleet:
    """What runs; the lists are in the order of their ports in the balancers."""

    folder: Path
    environment: dict[str, str]
    login: str
    password: str
    model: Path
    gateway_ports: list[int] = field(default_factory=list)
    rasa_ports: list[int] = field(default_factory=list)
    action_ports: list[int] = field(default_factory=list)
    running: dict[int, Process] = field(default_factory=dict)
    gateways: Balancer = field(default_factory=lambda: Balancer([]))
    workers: Balancer = field(default_factory=lambda: Balancer([]))
    actions: Balancer = field(default_factory=lambda: Balancer([]))

    @property
    def url(self) -> str:
        """Where visitors and specialists come in."""
        return self.gateways.url

    def gateway(self, number: int) -> str:
        """One gateway itself, past the balancer."""
        return f"http://127.0.0.1:{self.gateway_ports[number]}"

    def worker(self, number: int) -> str:
        """One Rasa worker itself."""
        return f"http://127.0.0.1:{self.rasa_ports[number]}"

    def start_actions(self, port: int) -> None:
        """Start an action server."""
        command = ["rasa", "run", "actions", "--port", str(port)]
        self.running[port] = start(command, self.folder / f"actions-{port}.log", **self.environment)

    def start_worker(self, port: int) -> None:
        """Start a Rasa worker with the model of now, set up as in deploy/."""
        command = ["rasa", "run", "--enable-api", "--auth-token", TOKEN]
        place = ["--interface", "127.0.0.1", "--port", str(port)]
        files = ["--model", str(self.model), "--endpoints", "deploy/endpoints.yml", "--credentials", "credentials.yml"]
        self.running[port] = start([*command, *place, *files], self.folder / f"rasa-{port}.log", **self.environment)

    def start_gateway(self, port: int) -> None:
        """Start a gateway."""
        log = self.folder / f"gateway-{port}.log"
        self.running[port] = start(["bot", "serve"], log, **{**self.environment, "PORT": str(port)})

    def wait(self, port: int, path: str) -> None:
        """Wait until a started part answers."""
        wait_for(f"http://127.0.0.1:{port}{path}", self.running[port])

    def restart_worker(self, number: int) -> None:
        """Replace a worker by one with the model of now, and wait until it is ready."""
        port = self.rasa_ports[number]
        self.stop(port)
        self.start_worker(port)
        self.wait(port, WORKER_READY)

    def restart_gateway(self, number: int) -> None:
        """Replace a gateway, and wait until it is ready."""
        port = self.gateway_ports[number]
        self.stop(port)
        self.start_gateway(port)
        self.wait(port, "/readyz")

    def stop(self, port: int) -> None:
        """Stop a part as an operator would, and wait for its end."""
        self.running.pop(port).stop()

    def close(self) -> None:
        """Stop everything, the ones in front first."""
        for port in [*self.gateway_ports, *self.rasa_ports, *self.action_ports]:
            if port in self.running:
                # One that does not end must not leave the others running.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.stop(port)
        for balancer in (self.gateways, self.workers, self.actions):
            balancer.stop()


WORKER_READY = "/webhooks/gateway/"


@contextlib.contextmanager
def running_fleet(folder: Path, **settings: str) -> Iterator[Fleet]:
    """A whole fleet with the newest model and a seeded database; all parts start at the same time.

    `settings` are set for every part, by the names of their environment variables.
    """
    model = training.newest_model(PROJECT_ROOT / "models")
    assert model is not None, "train a model first: make train"
    with postgres_server(folder / "postgres") as database_url, redis_server(folder) as redis_url:
        first = prepare_database(database_url)
        staff(database_url)
        environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "RASA_TOKEN": TOKEN,
            "SECRET_KEY": "the same for both gateways",
            "AGENCY_FILE": agency_file(folder),
            **settings,
        }
        fleet = Fleet(folder, environment, first.login, first.password, model)
        environment |= {"RASA_URL": fleet.workers.url, "ACTION_URL": f"{fleet.actions.url}/webhook"}
        try:
            for ports, balancer, begin in (
                (fleet.action_ports, fleet.actions, fleet.start_actions),
                (fleet.rasa_ports, fleet.workers, fleet.start_worker),
                (fleet.gateway_ports, fleet.gateways, fleet.start_gateway),
            ):
                for _ in range(EACH):
                    ports.append(free_port())
                    begin(ports[-1])
                balancer.servers = list(ports)
            for port in fleet.action_ports:
                fleet.wait(port, "/health")
            for port in fleet.rasa_ports:
                fleet.wait(port, WORKER_READY)
            for port in fleet.gateway_ports:
                fleet.wait(port, "/readyz")
            yield fleet
        finally:
            fleet.close()
