"""The composition root and the operator's command line: `python -m bot --help`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import getpass
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from aiohttp import web
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import clock, logs, migrations, operations, seeding, training
from bot.assistant import Assistant
from bot.database import Database
from bot.gateway import addresses, listening
from bot.gateway.app import make_app
from bot.hub import make_hub
from bot.settings import PROJECT_ROOT, Settings, SettingsError
from bot.stores import demo_claims, identity, routing, specialists
from bot.stores.vocabulary import Program, Role
from bot.words import LANGUAGES

logger = logging.getLogger("bot")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
        logs.configure(settings.log_level, settings.log_format)
        return int(options.command(settings, options) or 0)
    except (SettingsError, training.TrainingFailed, UsageError, operations.OperationError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


class UsageError(RuntimeError):
    """A command can't be done as asked; the message says what to do instead."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[..., int | None], help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(command=command)
        return sub

    add("run", run, "Train if needed, migrate, seed and serve: what `make run` does.")
    add("serve", serve, "Serve the pages, the interface and the sockets.")
    train_parser = add("train", train, "Train the model if what it is made from has changed.")
    train_parser.add_argument("--force", action="store_true", help="Train even if nothing has changed.")
    add("model", show_model, "Print the path of the newest trained archive.")
    migrate_parser = add("migrate", migrate, "Bring the database to the newest tables.")
    migrate_parser.add_argument("--to", help="A revision to go back to (`base` empties the database).")
    add("seed", seed, "Load the job classes and, in development, synthetic claims.")
    add("demo-claims", show_demo_claims, "Print some synthetic claims to try the bot with (development only).")
    card_parser = add("cards", check_cards, "List what the answer cards need: reviews, dated figures, missing words.")
    card_parser.add_argument("action", choices=["check"])
    class_parser = add("classes", import_classes, "Import published class specifications into the class store.")
    class_parser.add_argument("action", choices=["import"])
    class_parser.add_argument("files", nargs="+", type=Path)
    class_parser.add_argument("--apply", action="store_true", help="Store what was understood; without it, only show.")
    class_parser.add_argument("--title", help="The class title of a document that prints none.")
    claim_parser = add("claims", import_claims, "Import claims from CSV or JSON lines (docs/claims_import.md).")
    claim_parser.add_argument("action", choices=["import"])
    claim_parser.add_argument("file", type=Path)
    claim_parser.add_argument("--skip-bad", action="store_true", help="Store the good rows and report the bad.")
    operations.add_arguments(add)
    people = add(
        "specialists",
        manage_specialists,
        "Add, disable or reset a specialist's account, or set skills.",
    )
    people.add_argument("action", choices=["add", "disable", "reset", "skills"])
    people.add_argument("login")
    people.add_argument("--alias", help="The name visitors see (for `add`).")
    people.add_argument("--role", choices=[str(role) for role in Role], default=str(Role.SPECIALIST))
    people.add_argument("--programs", type=_listed({str(p) for p in Program}), help="For `skills`: wa_ui,...; or all.")
    people.add_argument("--languages", type=_listed(set(LANGUAGES)), help="For `skills`: en,es; or all.")
    people.add_argument("--capacity", type=int, default=3, help="For `skills`: conversations offered at once (3).")
    return parser


def _listed(known: set[str]) -> Callable[[str], list[str] | None]:
    """Reads a comma-separated list of known names; `all` is None."""

    def read(written: str) -> list[str] | None:
        names = [name.strip() for name in written.split(",") if name.strip()]
        if names == ["all"]:
            return None
        unknown = sorted(set(names) - known)
        if unknown or not names:
            raise argparse.ArgumentTypeError(f"{written!r}: use all, or some of {', '.join(sorted(known))}")
        return names

    return read


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Everything from a fresh clone to a served page."""
    options.force = False
    _refuse_taken_port(settings)
    if not settings.rasa_url:
        train(settings, options)
    options.to = None
    migrate(settings, options)
    first_login = _seed(settings)
    return serve(settings, options, first_login)


def train(settings: Settings, options: argparse.Namespace) -> None:
    """Train the model unless the archive for the present inputs is there."""
    folder = PROJECT_ROOT / settings.model_path
    if folder.is_file():
        raise UsageError(f"MODEL_PATH={settings.model_path} is one archive; name a folder to train into.")
    archive = training.model_for_inputs(folder)
    if archive.exists() and not options.force:
        # Touched, so that it is the newest again after going back to earlier inputs.
        os.utime(archive)
        _say(f"Model: {archive.name} is up to date.")
        return
    _say("Model: training (a few minutes) ...")
    _say(f"Model: trained {training.train(folder).name}.")


def show_model(settings: Settings, options: argparse.Namespace) -> None:
    """Print which archive is used."""
    model = training.newest_model(PROJECT_ROOT / settings.model_path)
    if model is None:
        raise UsageError("There is no trained model yet. Run `make train` first.")
    print(model)


def migrate(settings: Settings, options: argparse.Namespace) -> None:
    """Bring the tables up to date, or back to a revision."""
    with _opened(settings) as database:
        if options.to:
            migrations.downgrade(database.engine, options.to)
        else:
            migrations.upgrade(database.engine)
    _say("Database: tables are up to date." if not options.to else f"Database: went back to {options.to}.")


def seed(settings: Settings, options: argparse.Namespace) -> None:
    """Fill a new database."""
    first_login = _seed(settings)
    if first_login is not None:
        _say(f"Specialist: {first_login.login} / {first_login.password} (shown once; change it in the console)")


def show_demo_claims(settings: Settings, options: argparse.Namespace) -> None:
    """Print synthetic claims to try the bot with."""
    if settings.environment != "development":
        raise UsageError("Demo claims exist in development only; this is ENVIRONMENT=production.")
    with _opened(settings) as database, database.transaction() as session:
        one_of_each = {login.status: login for login in demo_claims.demo_claims(session)}
        for line in seeding.describe(session, list(one_of_each.values())):
            print(line)


def check_cards(settings: Settings, options: argparse.Namespace) -> int:
    """List what needs mending in the answer cards."""
    # The libraries that measure reading ease are needed here only.
    from bot import card_checks

    return card_checks.report(sys.stdout, seeding.today())


def import_classes(settings: Settings, options: argparse.Namespace) -> int:
    """Show what class specifications say and would change; store it with --apply."""
    from bot import job_class_import

    with _opened(settings) as database, database.transaction() as session:
        return job_class_import.import_files(options.files, options.apply, session, sys.stdout, title=options.title)


def import_claims(settings: Settings, options: argparse.Namespace) -> int:
    """Add or update claims in one transaction, and report each bad row with its line and reason."""
    from bot.stores import claims_import

    if not options.file.is_file():
        raise UsageError(f"There is no file {options.file}.")

    def show(rows: int, share: float) -> None:
        print(f"\r{share:4.0%}  {rows:,} rows", end="", file=sys.stderr, flush=True)

    try:
        with _opened(settings) as database, database.transaction() as session:
            report = claims_import.import_claims(
                session, options.file, now=clock.now(), skip_bad=options.skip_bad, progress=show
            )
        stored = True
    except claims_import.ImportRefused as refused:
        report, stored = refused.report, False
    print(file=sys.stderr)
    for row in report.bad:
        print(f"line {row.line}: {row.reason}")
    if not stored:
        counts = f"{report.bad_count:,} of {report.rows:,} rows are bad"
        print(f"{counts}, so nothing was stored. --skip-bad stores the rest.")
        return 1
    print(f"{report.added:,} claims added, {report.updated:,} updated, {report.bad_count:,} bad rows left out.")
    return 0


def manage_specialists(settings: Settings, options: argparse.Namespace) -> None:
    """Add an account, disable it, or give it a new password; passwords are asked for, never arguments."""
    with _opened(settings) as database, database.transaction() as session:
        try:
            if options.action == "disable":
                specialists.disable(session, options.login, clock.now())
                _say(f"{options.login} can no longer sign in.")
                return
            if options.action == "skills":
                _set_skills(session, options)
                return
            password = _ask_password()
            if options.action == "add":
                specialists.add(
                    session,
                    login=options.login,
                    alias=options.alias or options.login,
                    role=Role(options.role),
                    password=password,
                    now=clock.now(),
                )
            else:
                specialists.reset(session, options.login, password)
        except (ValueError, LookupError) as error:
            raise UsageError(str(error)) from None
    _say(f"{options.login} can sign in with the new password.")


def _set_skills(session: Session, options: argparse.Namespace) -> None:
    if options.capacity < 0:
        raise UsageError("--capacity: use 0 (offered nobody) or more.")
    specialist_id = routing.id_of(session, options.login)
    programs = None if options.programs is None else [Program(name) for name in options.programs]
    routing.change_skills(
        session,
        specialist_id,
        programs=programs,
        languages=options.languages,
        capacity=options.capacity,
        changed_by_id=None,
        now=clock.now(),
    )
    knows = ", ".join(options.programs or ["all programs"])
    speaks = ", ".join(options.languages or ["all languages"])
    _say(f"{options.login}: {knows}; {speaks}; {options.capacity} conversations at once.")


def serve(settings: Settings, options: argparse.Namespace, first_login: seeding.FirstLogin | None = None) -> int:
    """Serve until told to stop."""
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_serve(settings, first_login))
    return 130


def _refuse_taken_port(settings: Settings) -> None:
    # Asked before anything slow is done; the real listening may still find the port taken.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise _port_taken(settings) from None
            raise UsageError(f"Can't listen on {settings.host}:{settings.port}: {error.strerror}.") from None


def _port_taken(settings: Settings) -> UsageError:
    return UsageError(
        f"Port {settings.port} is already in use. Choose another one, as in PORT={settings.port + 1} make run."
    )


async def _serve(settings: Settings, first_login: seeding.FirstLogin | None) -> int:
    database = Database(settings.database_url, patience=settings.database_patience)
    try:
        is_current = await asyncio.to_thread(migrations.is_current, database.engine)
    except SQLAlchemyError as error:
        raise UsageError(f"The database does not answer ({type(error).__name__}). DATABASE_URL says where.") from None
    if not is_current:
        raise UsageError("The database's tables are not up to date. Run `python -m bot migrate` first.")
    # Before anything slow begins: a port that is taken is the commonest reason not to start.
    bound = _bound(settings)
    assistant = make_assistant(settings)
    settings = replace(settings, secret_key=settings.secret_key or _own_secret_key(settings))
    app = make_app(settings, database, make_hub(settings.redis_url), assistant)
    addresses.networks(settings.trusted_proxies)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    try:
        await runner.setup()
    except RedisError as error:
        raise UsageError(f"Redis does not answer ({type(error).__name__}). REDIS_URL says where.") from None
    assert runner.server is not None
    listener = await listening.listen(runner.server, bound)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    greeting = asyncio.create_task(_greet(settings, database, assistant, first_login))
    greeting.add_done_callback(_log_failure)
    await stop.wait()
    greeting.cancel()
    listener.close()
    await runner.cleanup()
    return 0


def _bound(settings: Settings) -> socket.socket:
    try:
        return listening.bind(settings.host, settings.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _port_taken(settings) from None
        raise


def _own_secret_key(settings: Settings) -> str:
    """The key of a single gateway, made at its first start; several gateways must be given one."""
    if settings.redis_url:
        raise UsageError("Several gateways need the same SECRET_KEY; set it to a long random text.")
    path = PROJECT_ROOT / "var" / "secret.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text()


def make_assistant(settings: Settings) -> Assistant:
    """Rasa over HTTP when RASA_URL is set, else inside this process."""
    if settings.rasa_url:
        from bot.assistant.remote import RemoteAssistant

        return RemoteAssistant(settings.rasa_url, token=settings.rasa_token, timeout=settings.reply_timeout)
    from bot.assistant.embedded import EmbeddedAssistant

    folder = PROJECT_ROOT / settings.model_path
    return EmbeddedAssistant(training.newest_model(folder) or folder, timeout=settings.reply_timeout)


async def _greet(
    settings: Settings, database: Database, assistant: Assistant, first_login: seeding.FirstLogin | None
) -> None:
    address = f"http://{settings.host}:{settings.port}"
    _say(f"Serving on {address} (the bot is still starting) ...")
    while not await assistant.ready():
        await asyncio.sleep(0.25)
    lines = ["", "Ready.", f"  Demo page: {address}/", f"  Console:   {address}/console"]
    if first_login is not None:
        lines.append(f"  Specialist login: {first_login.login}   password: {first_login.password}")
        lines.append("    (made for this database and shown only now)")
    elif settings.environment == "development":
        lines.append("  Specialist login: as shown at the first run; new: python -m bot specialists reset LOGIN")
    if settings.environment == "development":
        lines.append("  Demo claimants (synthetic):")
        lines += [f"    {line}" for line in await database.in_transaction(_startup_claims)]
    if settings.asks_for_pin and await database.in_snapshot(identity.any_pin) is False:
        lines.append("  No claim has a PIN, so none can be looked up: import PINs, or set IDENTITY_PIN=off.")
    _say("\n".join(lines))


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("greeting_failed", exc_info=error)


def _startup_claims(session: Session) -> list[str]:
    return seeding.describe(session, demo_claims.startup_claims(session, seeding.today()))


def _seed(settings: Settings) -> seeding.FirstLogin | None:
    development = settings.environment == "development"
    with _opened(settings) as database, database.transaction() as session:
        seeding.seed(session, with_demo_claims=development, as_of=seeding.today())
        first_login = seeding.make_first_specialist(session)
    _say("Database: seeded.")
    return first_login


@contextlib.contextmanager
def _opened(settings: Settings):  # type: ignore[no-untyped-def]
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("New password (at least 12 characters): ")
    if getpass.getpass("Again: ") != password:
        raise UsageError("The two passwords differ. Try again.")
    return password


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
