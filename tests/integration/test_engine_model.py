"""When a model is trained and when not, and what a person reads when Rasa cannot be made ready."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from assistant.adapters import rasa_model
from assistant.adapters.rasa_model import RasaNotReady, Wording, bare_environment
from assistant.adapters.rasa_process import RasaProcess, rasa_environment
from tests.conftest_rasa import free_port

# Stands for Rasa's Python: counts trainings and leaves a model where `--out` says.
TRAINER = """#!/bin/sh
while [ "$1" != "--out" ]; do shift; done
echo trained >> "$(dirname "$0")/trainings"
sleep 0.3
echo model > "$2/model.tar.gz"
"""


class Workshop:
    """A repository with the rooms that training reads, and a trainer that only counts."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.python = root / "trainer"
        self.words = root / "nlu_data" / "billing.en.yml"
        for folder in ("dialogs/engine", "dialogs/domain", "dialogs/rules", "nlu_data"):
            (root / folder).mkdir(parents=True)
        for name in ("pyproject.toml", "uv.lock", "config.yml", "domain/billing.yml", "rules/billing.yml"):
            (root / "dialogs" / name).write_text(name)
        (root / "dialogs" / "engine" / "minilm.py").write_text("")
        self.words.write_text("- how much do I owe")
        self.trains_with(TRAINER)

    def trains_with(self, script: str) -> None:
        self.python.write_text(script)
        self.python.chmod(0o755)

    def model(self, data_dir: Path) -> Path:
        return rasa_model.ensure_model(data_dir, self.wording)

    @property
    def wording(self) -> Wording:
        dialogs = self.root / "dialogs"
        return Wording(dialogs / "domain", dialogs / "rules", self.root / "nlu_data")

    @property
    def training_count(self) -> int:
        counted = self.root / "trainings"
        return len(counted.read_text().splitlines()) if counted.exists() else 0


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    made = Workshop(tmp_path / "repository")
    dialogs = made.root / "dialogs"
    monkeypatch.setattr(rasa_model, "REPOSITORY", made.root)
    monkeypatch.setattr(rasa_model, "DIALOGS", dialogs)
    monkeypatch.setattr(rasa_model, "RASA_PYTHON", made.python)
    monkeypatch.setattr(rasa_model, "_LOCKED_FILES", (dialogs / "pyproject.toml", dialogs / "uv.lock"))
    (dialogs / ".venv").mkdir()
    (dialogs / ".venv" / ".porchlight-lock").write_text(rasa_model.digest_of(rasa_model._LOCKED_FILES))
    return made


def test_the_same_words_are_trained_once(workshop: Workshop, tmp_path: Path) -> None:
    first, second = workshop.model(tmp_path), workshop.model(tmp_path)
    assert first == second
    assert first.read_text() == "model\n"
    assert workshop.training_count == 1


def test_a_changed_word_is_trained_anew_and_the_old_model_stays_for_a_way_back(
    workshop: Workshop, tmp_path: Path
) -> None:
    before = workshop.model(tmp_path)
    old_words = workshop.words.read_text()
    workshop.words.write_text("- what is my balance")
    assert workshop.model(tmp_path) != before
    assert workshop.training_count == 2
    workshop.words.write_text(old_words)
    assert workshop.model(tmp_path) == before
    assert workshop.training_count == 2


@pytest.mark.parametrize(
    "part",
    [
        "nlu_data/billing.en.yml",
        "dialogs/domain/billing.yml",
        "dialogs/rules/billing.yml",
        "dialogs/config.yml",
        "dialogs/uv.lock",
        "dialogs/engine/minilm.py",
    ],
)
def test_everything_that_training_reads_counts(workshop: Workshop, part: str) -> None:
    before = rasa_model.fingerprint(workshop.wording)
    (workshop.root / part).write_text("changed")
    assert rasa_model.fingerprint(workshop.wording) != before


def test_two_at_once_train_once(workshop: Workshop, tmp_path: Path) -> None:
    made: list[Path] = []
    both = [threading.Thread(target=lambda: made.append(workshop.model(tmp_path))) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(made) == 2
    assert workshop.training_count == 1


def test_only_the_newest_models_are_kept(workshop: Workshop, tmp_path: Path) -> None:
    for number in range(5):
        workshop.words.write_text(f"- number {number}")
        newest = workshop.model(tmp_path)
    assert newest.exists()
    assert len(list((tmp_path / "models").glob("*.tar.gz"))) == rasa_model.MODELS_KEPT


def test_a_failed_training_says_where_to_look_and_leaves_no_model(workshop: Workshop, tmp_path: Path) -> None:
    workshop.trains_with("#!/bin/sh\necho the rule pay contradicts\nexit 1\n")
    with pytest.raises(RasaNotReady, match=r"rasa-train\.log"):
        workshop.model(tmp_path)
    assert "the rule pay contradicts" in (tmp_path / "logs" / "rasa-train.log").read_text()
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["training.lock"]


def test_a_training_that_takes_too_long_blames_the_machine_and_not_the_files(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasa_model, "PATIENCE_SECONDS", 0.2)
    workshop.trains_with("#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(RasaNotReady, match="Is this machine busy"):
        workshop.model(tmp_path)
    assert not list((tmp_path / "models").glob("*.tar.gz"))


def test_without_uv_the_words_say_what_to_install(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workshop.root / "dialogs" / "uv.lock").write_text("newer")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RasaNotReady, match="uv is not installed"):
        workshop.model(tmp_path)


def test_when_the_environment_cannot_be_built_the_words_name_python(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text("#!/bin/sh\necho No interpreter found for Python 3.10\nexit 2\n")
    uv.chmod(0o755)
    (workshop.root / "dialogs" / "uv.lock").write_text("newer")
    monkeypatch.setenv("PATH", f"{uv.parent}:/usr/bin:/bin")
    with pytest.raises(RasaNotReady, match=r"Python 3\.10"):
        workshop.model(tmp_path)
    assert "No interpreter" in (tmp_path / "logs" / "rasa-train.log").read_text()


def test_rasa_is_told_the_internal_secret_and_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORCHLIGHT_STRIPE_API_KEY", "sk_live_x")
    monkeypatch.setenv("PORCHLIGHT_DATABASE_URL", "postgresql://x")
    environment = rasa_environment("http://127.0.0.1:1/actions", "the internal one")
    ours = {name for name in environment if name.startswith("PORCHLIGHT_")}
    assert ours == {"PORCHLIGHT_ACTIONS_URL", "PORCHLIGHT_INTERNAL_SECRET"}
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"
    assert "sk_live_x" not in bare_environment().values()


def test_a_rasa_that_ends_while_starting_is_reported_with_its_log(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.trains_with("#!/bin/sh\necho no such model\nexit 3\n")
    monkeypatch.setattr("assistant.adapters.rasa_process.RASA_PYTHON", workshop.python)
    process = RasaProcess(
        model=tmp_path / "none.tar.gz",
        port=free_port(),
        actions_url="http://127.0.0.1:1/actions",
        secret="s",
        data_dir=tmp_path,
    )
    with pytest.raises(RasaNotReady, match="ended while it was starting"), process:
        pytest.fail("it cannot be ready")
    assert not process.is_alive
    assert "no such model" in process.log_path.read_text()
