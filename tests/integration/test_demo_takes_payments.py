"""`porchlight demo` as a newcomer runs it: it starts, bills are paid by text, phone and page, it stops."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from assistant.sandbox.running import find_running
from tests.unit.sandbox.test_children import is_running, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

START_SECONDS = 240


@dataclass
class Demo:
    """A running demo and its command line."""

    folder: Path
    process: subprocess.Popen[str]

    def porchlight(self, *arguments: str) -> str:
        """What a command prints beside the running demo; it must succeed."""
        command = [sys.executable, "-m", "assistant.cli", *arguments, "--data-dir", str(self.folder)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert run.returncode == 0, run.stderr
        return run.stdout

    def account(self, number: str) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.porchlight("account", number, "--json"))
        return report

    def members(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in json.loads(self.porchlight("members", "--json"))}

    def text(self, phone: str, words: str) -> str:
        return self.porchlight("text", "--from", phone, words)

    def call(self, phone: str, keys: str) -> str:
        return self.porchlight("call", "--from", phone, "--keys", keys)


def start_demo(folder: Path, *options: str) -> Demo:
    """Start it on any port and wait until it has told its addresses."""
    command = [sys.executable, "-m", "assistant.cli", "demo", "--port", "0", "--no-browser", *options]
    process = subprocess.Popen(
        [*command, "--data-dir", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    deadline = time.monotonic() + START_SECONDS
    while find_running(folder) is None:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "the demo did not start"
        time.sleep(0.2)
    return Demo(folder, process)


def stop_demo(demo: Demo, how: signal.Signals = signal.SIGINT) -> str:
    demo.process.send_signal(how)
    said, _ = demo.process.communicate(timeout=60)
    return said


def processes_of(demo: Demo) -> list[int]:
    """The demo's child processes, by what the kernel says about parents."""
    path = Path(f"/proc/{demo.process.pid}/task/{demo.process.pid}/children")
    return [int(pid) for pid in path.read_text().split()]


@pytest.fixture(scope="module")
def demo(rasa_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    (folder / "models").mkdir()
    shutil.copy(rasa_model, folder / "models")
    running = start_demo(folder)
    yield running
    if running.process.poll() is None:
        stop_demo(running)


def test_a_bill_is_paid_by_text_and_the_balance_falls_at_once(demo: Demo) -> None:
    ada = demo.members()["Ada Miller"]
    before = demo.account(ada["account_number"])
    offer = demo.text(ada["phone"], "pay my bill")
    assert "$84.20" in offer
    assert "PIN" in offer
    receipt = demo.text(ada["phone"], ada["pin"])
    after = demo.account(ada["account_number"])
    assert before["balance_cents"] == ada["amount_due_cents"] == 8420
    assert after["balance_cents"] == after["amount_due_cents"] == 0
    [payment] = after["payments"]
    assert (payment["state"], payment["amount_cents"]) == ("succeeded", 8420)
    assert payment["confirmation_number"] in receipt
    assert sum(line["amount_cents"] for line in after["ledger"]) == 0
    assert demo.members()["Ada Miller"]["amount_due_cents"] == 0


def test_the_past_due_part_is_paid_by_keypad_alone(demo: Demo) -> None:
    walter = demo.members()["Walter Briggs"]
    number, zip_code, pin = walter["account_number"], walter["zip"], walter["pin"]
    said = demo.call(walter["phone"], f"1,{number},{zip_code},{pin},2,1,hangup")
    account = demo.account(number)
    assert account["balance_cents"] == 18455 - 9640, said
    assert account["past_due_cents"] == 0
    assert " ".join(account["payments"][0]["confirmation_number"][:4]) in said


def test_a_declined_card_charges_nothing_and_is_told(demo: Demo) -> None:
    earl = demo.members()["Earl Tucker"]
    demo.text(earl["phone"], "pay my bill")
    told = demo.text(earl["phone"], earl["pin"])
    account = demo.account(earl["account_number"])
    assert account["balance_cents"] == earl["amount_due_cents"]
    assert [payment["state"] for payment in account["payments"]] == ["declined"]
    assert "0341" in told or "declined" in told.lower()


@pytest.mark.browser
def test_the_page_pays_a_bill_in_spanish(demo: Demo, browser: Browser) -> None:
    rosa = demo.members()["Rosa Delgado"]
    ports = find_running(demo.folder)
    assert ports is not None
    page = browser.new_page()
    page.goto(f"{ports.simulator_url}?phone={rosa['phone']}")
    page.get_by_role("button", name="pagar mi recibo").click()
    expect(page.locator(".bubble.to_phone").last).to_contain_text("PIN", timeout=20_000)
    page.get_by_role("button", name=f"PIN {rosa['pin']}").click()
    card = page.locator(".member", has_text="Rosa Delgado")
    expect(card.locator(".member-due")).to_have_text("nothing due", timeout=20_000)
    expect(page.locator("#thread")).to_contain_text("$71.35")
    page.close()
    assert demo.account(rosa["account_number"])["balance_cents"] == 0


def test_a_killed_part_stops_the_rest_and_a_second_start_goes_on_with_the_same_members(demo: Demo) -> None:
    members = demo.members()
    dorothy = members["Dorothy Lane"]
    demo.text(dorothy["phone"], "pay my bill")
    assert "Confirmation number" in demo.text(dorothy["phone"], dorothy["pin"])
    children = processes_of(demo)
    assert len(children) == 5
    os.kill(children[-1], signal.SIGKILL)
    said, _ = demo.process.communicate(timeout=60)
    assert demo.process.returncode == 1
    assert "The worker was killed by SIGKILL. Everything else was stopped." in said
    for child in children:
        wait_until(lambda pid=child: not is_running(pid))
    again = start_demo(demo.folder)
    try:
        assert again.account(dorothy["account_number"])["balance_cents"] == 0
        assert again.members().keys() == members.keys()
        children = processes_of(again)
        said = stop_demo(again, signal.SIGTERM)
        assert again.process.returncode == 0
        assert "The demo has stopped" in said
        assert not any(is_running(child) for child in children)
    finally:
        if again.process.poll() is None:
            stop_demo(again)
