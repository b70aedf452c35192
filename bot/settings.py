"""Every setting of the product: its environment name, its default and what it does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting has a value that can't be used; the message names it and says what to do."""


def _setting(default: Any, env: str, help: str) -> Any:
    return field(default=default, metadata={"env": env, "help": help})


@dataclass(frozen=True)
class Settings:
    """What the environment says, read once by the composition root."""

    host: str = _setting("127.0.0.1", "HOST", "Address the gateway listens on.")
    port: int = _setting(8080, "PORT", "Port the gateway listens on.")
    database_url: str = _setting(
        "sqlite:///var/bot.db", "DATABASE_URL", "SQLite file, or postgresql://user:password@host/name."
    )
    redis_url: str = _setting(
        "", "REDIS_URL", "Redis for news between gateways and locks between Rasa workers; empty: in memory."
    )
    rasa_url: str = _setting(
        "", "RASA_URL", "Address of `rasa run --enable-api` workers; empty: Rasa runs inside the gateway."
    )
    rasa_token: str = _setting("", "RASA_TOKEN", "The workers' --auth-token, when RASA_URL is set.")
    model_path: str = _setting("models", "MODEL_PATH", "A trained archive, or the folder whose newest one is used.")
    environment: str = _setting(
        "development", "ENVIRONMENT", "`development` shows demo claims; `production` refuses to make or print them."
    )
    reply_timeout: float = _setting(10.0, "REPLY_TIMEOUT", "Seconds to wait for the bot before an apology is sent.")
    database_patience: float = _setting(
        10.0,
        "DATABASE_PATIENCE",
        "Seconds a statement, or a wait for the database, may take before a message is refused.",
    )
    allowed_origins: str = _setting(
        "", "ALLOWED_ORIGINS", "Comma-separated origins of pages that may embed the widget, besides our own."
    )
    identity_minutes: int = _setting(15, "IDENTITY_MINUTES", "Idle minutes after which a proof of identity dies.")
    identity_tries: int = _setting(5, "IDENTITY_TRIES", "Wrong identity details allowed in one conversation.")
    identity_tries_per_claim: int = _setting(
        10, "IDENTITY_TRIES_PER_CLAIM", "Wrong identity details allowed for one claim number in an hour."
    )
    identity_pin: str = _setting(
        "required",
        "IDENTITY_PIN",
        "`required`: a claim is proven with its PIN as well; `off`: claim number and birth date are enough.",
    )
    secret_key: str = _setting(
        "",
        "SECRET_KEY",
        "Key that hashes the claim numbers of wrong tries; made at the first start, the same on several gateways.",
    )
    agency_file: str = _setting(
        "data/agency.yml", "AGENCY_FILE", "Names, phones, hours and holidays of the agency the bot speaks for."
    )
    offer_seconds: float = _setting(30.0, "OFFER_SECONDS", "Seconds a specialist has to answer an offer.")
    drop_off_seconds: float = _setting(
        120.0, "DROP_OFF_SECONDS", "Seconds without a sign of a specialist's console before their visitors wait again."
    )
    log_level: str = _setting("INFO", "LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR. Logs never hold texts.")
    secure_cookies: bool = _setting(
        False, "SECURE_COOKIES", "Set to 1 behind TLS, so that the console's cookie never travels in the clear."
    )

    rate_address: int = _setting(
        1200, "RATE_ADDRESS", "Requests one address may make in a minute; 0, here and below: no limit."
    )
    rate_open: int = _setting(300, "RATE_OPEN", "Conversations one address may open in a minute.")
    rate_conversation: int = _setting(240, "RATE_CONVERSATION", "Messages one conversation may send in a minute.")
    rate_wrong_identity: int = _setting(
        200, "RATE_WRONG_IDENTITY", "Wrong identity details one address may send in an hour, over all conversations."
    )
    rate_wrong_claim: int = _setting(
        30, "RATE_WRONG_CLAIM", "Wrong identity details for one claim number in a day, over all addresses."
    )
    rate_wrong_sign_in: int = _setting(60, "RATE_WRONG_SIGN_IN", "Wrong console passwords of one address in an hour.")
    sockets_per_address: int = _setting(300, "SOCKETS_PER_ADDRESS", "Sockets one address may hold at one gateway.")
    sockets_per_conversation: int = _setting(
        10, "SOCKETS_PER_CONVERSATION", "Sockets (tabs) one conversation may hold at one gateway."
    )
    trusted_proxies: str = _setting(
        "", "TRUSTED_PROXIES", "Comma-separated addresses or networks of proxies whose X-Forwarded-For is believed."
    )
    purge_daily: bool = _setting(
        True,
        "PURGE_DAILY",
        "Delete what is past its time (data/retention.yml) once a day; 0 leaves it to the operator.",
    )
    actions_metrics: str = _setting(
        "", "ACTIONS_METRICS", "host:port at which an action server of a fleet gives its figures to Prometheus."
    )
    log_format: str = _setting("text", "LOG_FORMAT", "`text`: one line an event; `json`: one JSON object a line.")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raises SettingsError naming the first that can't be used."""
        source = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for spec in fields(cls):
            name = spec.metadata["env"]
            raw = source.get(name)
            if raw is None or raw == "":
                continue
            try:
                values[spec.name] = _parse(raw, spec.default)
            except ValueError:
                kind = type(spec.default).__name__
                raise SettingsError(f"{name}={raw!r} is not a valid {kind}. {spec.metadata['help']}") from None
        settings = cls(**values)
        if settings.environment not in ("development", "production"):
            raise SettingsError(f"ENVIRONMENT={settings.environment!r}: use development or production.")
        if settings.log_format not in ("text", "json"):
            raise SettingsError(f"LOG_FORMAT={settings.log_format!r}: use text or json.")
        if settings.identity_pin not in ("required", "off"):
            raise SettingsError(f"IDENTITY_PIN={settings.identity_pin!r}: use required or off.")
        if not 0 < settings.port < 65536:
            raise SettingsError(f"PORT={settings.port}: use a number from 1 to 65535.")
        for name in ("offer_seconds", "drop_off_seconds", "database_patience"):
            if getattr(settings, name) <= 0:
                raise SettingsError(f"{name.upper()}={getattr(settings, name)}: use a number of seconds above 0.")
        return settings

    @property
    def asks_for_pin(self) -> bool:
        """Whether a claim is proven with its PIN as well."""
        return self.identity_pin == "required"

    @property
    def origins(self) -> frozenset[str]:
        """The origins that may embed the widget, besides the gateway's own."""
        return frozenset(o.strip().rstrip("/") for o in self.allowed_origins.split(",") if o.strip())


def _parse(raw: str, default: Any) -> Any:
    if isinstance(default, bool):
        lowered = raw.strip().lower()
        if lowered in ("1", "true", "yes", "on"):
            return True
        if lowered in ("0", "false", "no", "off"):
            return False
        raise ValueError(raw)
    return type(default)(raw.strip())
