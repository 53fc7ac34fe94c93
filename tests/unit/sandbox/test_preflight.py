"""Before the demo starts: its folder, disk and ports are checked, and every refusal says what to do."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from assistant.checks import DEMO_MARKER, is_demo_folder
from assistant.sandbox import preflight
from assistant.sandbox.preflight import DemoFailed


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        yield int(listener.getsockname()[1])


def test_a_taken_port_is_refused_with_a_command_that_works(taken_port: int) -> None:
    with pytest.raises(DemoFailed, match=f"Port {taken_port} is taken.*porchlight demo --port"):
        preflight.choose_ports(taken_port)


def test_a_port_on_which_every_address_listens_is_taken_too() -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))  # noqa: S104  the case under test
        listener.listen(1)
        assert not preflight.is_free(int(listener.getsockname()[1]))


def test_ports_are_five_different_free_ones_whatever_is_asked(taken_port: int) -> None:
    for public in (0, taken_port - 1 if preflight.is_free(taken_port - 1) else 0):
        ports = preflight.choose_ports(public)
        numbers = [ports.public, ports.internal, ports.rasa, ports.stripe, ports.phone_network]
        assert len(set(numbers)) == 5
        assert taken_port not in numbers
        assert all(preflight.is_free(number) for number in numbers)


def test_the_folder_is_made_and_marked(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "demo"
    preflight.claim_folder(folder)
    assert is_demo_folder(folder)
    assert (folder / "logs").is_dir()


def test_a_folder_with_a_real_database_is_never_taken_over(tmp_path: Path) -> None:
    (tmp_path / "porchlight.db").write_text("members")
    with pytest.raises(DemoFailed, match="no demo made"):
        preflight.claim_folder(tmp_path)
    assert not is_demo_folder(tmp_path)


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    with pytest.raises(DemoFailed, match="is a file"):
        preflight.claim_folder(tmp_path / "demo")


def test_a_folder_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DemoFailed, match=r"cannot be written .*--data-dir"):
        preflight.claim_folder(tmp_path / "file" / "demo")


def test_fresh_empties_only_a_marked_folder(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(DemoFailed, match="is not one"):
        preflight.empty_folder(tmp_path)
    assert (tmp_path / "letters.txt").read_text() == "mine"


def test_fresh_deletes_only_what_demos_write_and_follows_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "letters.txt").write_text("mine")
    folder = tmp_path / "demo"
    preflight.claim_folder(folder)
    (folder / "models").mkdir()
    (folder / "models" / "model.tar.gz").write_text("trained")
    for name in ("porchlight.db", "porchlight.db-wal", "stripe.db", "logs/service.log", "my letters.txt"):
        (folder / name).write_text("rows")
    (folder / "coop").symlink_to(outside)
    preflight.empty_folder(folder)
    assert {path.name for path in folder.iterdir()} == {DEMO_MARKER, "models", "logs", "my letters.txt"}
    assert list((folder / "logs").iterdir()) == []
    assert (outside / "letters.txt").exists()


@pytest.mark.parametrize(("has_environment", "gigabytes", "is_refused"), [(False, 3, True), (True, 3, False)])
def test_the_first_start_needs_room_for_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_environment: bool, gigabytes: int, is_refused: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, gigabytes * preflight.GIGABYTE))
    environment = tmp_path / ".venv"
    if has_environment:
        environment.mkdir()
    if not is_refused:
        preflight.require_disk(tmp_path, environment)
        return
    with pytest.raises(DemoFailed, match=r"3\.0 GB free, 6 GB needed"):
        preflight.require_disk(tmp_path, environment)
