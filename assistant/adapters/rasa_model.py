"""Rasa's environment and its trained model: made when missing, named by the hash of what they are made of."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import Fault

REPOSITORY = Path(__file__).resolve().parents[2]
DIALOGS = REPOSITORY / "dialogs"
NLU_DATA = REPOSITORY / "nlu_data"
RASA_PYTHON = DIALOGS / ".venv" / "bin" / "python"
# Two minutes on an idle core; a busy machine may need ten times that, and is right to go on.
PATIENCE_SECONDS = 2400
# Models hang on the words in this checkout, not on whose data they serve: every demo and test run of a
# checkout shares them, and a fresh data folder need not train again.
MODEL_HOME = REPOSITORY / ".porchlight"
# Older models are kept for a quick way back; each is a few megabytes.
MODELS_KEPT = 3
_LOCKED_FILES = (DIALOGS / "pyproject.toml", DIALOGS / "uv.lock")
# Without these Rasa calls home and fills its log with other people's warnings.
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUNBUFFERED": "1",
}
# More threads gain little and spin while they wait for a core that another process needs.
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "TF_NUM_INTEROP_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_INTER_OP_PARALLELISM_THREADS",
        "TF_INTRA_OP_PARALLELISM_THREADS",
    ),
    "1",
)
# `dialogs/engine/start.py` then leaves when the pipe on its standard input ends: when we are gone.
TIED_TO_PARENT = {"PORCHLIGHT_RASA_TIED_TO_PARENT": "1"}
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


@dataclass(frozen=True)
class Wording:
    """The folders that a model is trained from, beside the pipeline and our components."""

    domain: Path = DIALOGS / "domain"
    rules: Path = DIALOGS / "rules"
    nlu_data: Path = NLU_DATA


OURS = Wording()


class RasaNotReady(Fault):
    """Rasa cannot be installed, trained or started. The message tells a person what to do."""


def ensure_environment(log_path: Path) -> None:
    """Make `dialogs/.venv` match its lock. Fast when it does already. RasaNotReady says what is missing."""
    marker = DIALOGS / ".venv" / ".porchlight-lock"
    wanted = digest_of(_LOCKED_FILES)
    if RASA_PYTHON.exists() and marker.exists() and marker.read_text() == wanted:
        return
    uv = shutil.which("uv")
    if uv is None:
        raise RasaNotReady("uv is not installed: see https://docs.astral.sh/uv/ and try again.")
    command = [uv, "sync", "--project", str(DIALOGS), "--frozen", "--no-progress"]
    run_logged(
        command,
        log_path,
        environment=dict(os.environ, VIRTUAL_ENV=""),
        advice="Rasa's environment could not be built. It needs Python 3.10 (`uv python install 3.10`), "
        "3 GB of disk and, the first time, the package index.",
    )
    marker.write_text(wanted)


def ensure_model(data_dir: Path = MODEL_HOME, wording: Wording = OURS) -> Path:
    """The model trained from the dialogs and words as they are now; trained only when there is none.

    Two processes asking at once train once. Takes up to a minute or two; the log is
    `<data_dir>/logs/rasa-train.log`.
    """
    log_path = log_file(data_dir, "rasa-train")
    ensure_environment(log_path)
    model = data_dir.absolute() / "models" / f"{fingerprint(wording)}.tar.gz"
    model.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(model.parent / "training.lock"):
        if not model.exists():
            _train(model, wording, log_path)
            _forget_old_models(model.parent)
    return model


def fingerprint(wording: Wording = OURS) -> str:
    """16 hex digits over everything that training reads; a changed word or rule gives another."""
    rooms = (wording.domain, wording.rules, wording.nlu_data)
    written = [path for room in rooms for path in sorted(room.rglob("*.yml"))]
    return digest_of([*_machinery(), DIALOGS / "config.yml", *written])[:16]


def digest_of(paths: Iterable[Path]) -> str:
    """SHA-256 over the names and contents of files, in the order given; where they lie does not count."""
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.parent.name}/{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def bare_environment() -> dict[str, str]:
    """What a Rasa process may know of ours: where programs are, and no secret."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, **QUIET, **ONE_THREAD}


def log_file(data_dir: Path, name: str) -> Path:
    """`<data_dir>/logs/<name>.log`, with its folder made."""
    folder = data_dir.absolute() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def run_logged(command: list[str], log_path: Path, *, environment: dict[str, str], advice: str) -> None:
    """Run a command from the repository root into a log; RasaNotReady with `advice` when it fails.

    RasaNotReady without `advice` when PATIENCE_SECONDS are over: then nothing is wrong with the files.
    """
    with log_path.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  our own command
            command,
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        with process:
            try:
                code = process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise RasaNotReady(
                    f"Stopped after {PATIENCE_SECONDS} seconds, not done. Is this machine busy with other "
                    f"work, or its disk full? Try again when it is idle. The log is {log_path}."
                ) from None
            except BaseException:
                process.kill()
                raise
    if code != 0:
        raise RasaNotReady(f"{advice} The log is {log_path}.")


def training_command(folder: Path, wording: Wording = OURS) -> list[str]:
    """The command line that trains into `folder/model.tar.gz`; run it from the repository root."""
    # fmt: off
    return [
        str(RASA_PYTHON), "-m", "dialogs.engine.start", "train",
        "--config", str(DIALOGS / "config.yml"), "--domain", str(wording.domain),
        "--data", str(wording.rules), str(wording.nlu_data),
        "--out", str(folder), "--fixed-model-name", "model",
    ]
    # fmt: on


def _machinery() -> list[Path]:
    return [*_LOCKED_FILES, *sorted((DIALOGS / "engine").glob("*.py"))]


def _train(model: Path, wording: Wording, log_path: Path) -> None:
    # What Rasa keeps of earlier trainings is of use only while our components are the same.
    cache = model.parent / f"cache-{digest_of(_machinery())[:16]}"
    with tempfile.TemporaryDirectory(dir=model.parent, prefix="training-") as folder:
        run_logged(
            training_command(Path(folder), wording),
            log_path,
            environment={**bare_environment(), **TIED_TO_PARENT, "RASA_CACHE_DIRECTORY": str(cache)},
            advice="Training the dialogue model failed; the last lines say which file is wrong.",
        )
        # A model is there whole or not at all, also when we are killed now.
        (Path(folder) / "model.tar.gz").replace(model)
    for stale in model.parent.glob("cache-*"):
        if stale != cache:
            shutil.rmtree(stale, ignore_errors=True)


def _forget_old_models(folder: Path) -> None:
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in models[MODELS_KEPT:]:
        old.unlink(missing_ok=True)


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Wait for, and hold, a lock that the kernel frees if we are killed."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
