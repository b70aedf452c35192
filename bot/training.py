"""Trains the Rasa model, and only when something it is made from has changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from bot.settings import PROJECT_ROOT

_INPUTS = (
    *("config.yml", "domain.yml", "uv.lock", "bot/nlu/**/*", "data/crisis.yml"),
    *(f"data/{folder}/**/*.yml" for folder in ("nlu", "rules", "answers", "job_classes")),
)


class TrainingFailed(RuntimeError):
    """Rasa could not train a model; its own output says why."""


def inputs_hash(root: Path = PROJECT_ROOT) -> str:
    """A short hash over everything a model is made from."""
    digest = hashlib.sha256()
    for pattern in _INPUTS:
        for path in sorted(root.glob(pattern)):
            if path.is_dir() or path.suffix == ".pyc":
                continue
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def model_for_inputs(folder: Path, root: Path = PROJECT_ROOT) -> Path:
    """Where the archive trained from the present inputs is, or would be."""
    return folder / f"model-{inputs_hash(root)}.tar.gz"


def newest_model(path: Path) -> Path | None:
    """The archive itself, or the newest one of a folder; None when there is none."""
    if path.is_file():
        return path
    archives = sorted(path.glob("*.tar.gz"), key=lambda archive: archive.stat().st_mtime)
    return archives[-1] if archives else None


def train(folder: Path, root: Path = PROJECT_ROOT) -> Path:
    """Run `rasa train` into `folder` and return the archive; raises TrainingFailed."""
    archive = model_for_inputs(folder, root)
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "bot.nlu.quick_training", "train", "--config", "config.yml", "--domain", "domain.yml"),
        *("--data", "data", "--out", str(folder), "--fixed-model-name", archive.name.removesuffix(".tar.gz")),
        # `make validate` looks at the data; this is only called when they have changed, so that nothing Rasa would
        # keep of each component's work could be used again.
        *("--skip-validation", "--force"),
    ]
    environment = {**os.environ, "RASA_MAX_CACHE_SIZE": "0"}
    environment |= {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0 or not archive.exists():
        raise TrainingFailed(done.stdout.decode(errors="replace")[-4000:])
    return archive
