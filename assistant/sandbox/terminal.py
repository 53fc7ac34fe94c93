"""Texting and calling in a terminal: what is typed becomes texts, keys, speech or silence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from assistant.sandbox.handset import Handset
from assistant.sandbox.phone_models import CallInput, CallLine, CallView, TextView

HANG_UP = "hangup"
HELP = "keys (0-9 * #) · say words · silence · hangup"
# When a turn takes long, the co-op answers nothing at once and texts a little later.
LATE_ANSWER_SECONDS = 15
_KEYS = re.compile(r"[0-9*#]+")
_MEMBER_LINES = {"keyed": "You keyed", "spoke": "You said", "silence": "(silence)", "hung_up": "You hung up"}


def text_once(handset: Handset, words: str, console: Console) -> bool:
    """Send one text and print what comes back; False when nothing did."""
    sent = handset.text(words)
    answers = list(sent.answers)
    last = max(text.number for text in [sent.sent, *answers])
    wait_seconds = 0 if answers else LATE_ANSWER_SECONDS
    answers += _from_coop(handset.texts_after(last, wait_seconds))
    for answer in answers:
        console.print(answer.body, markup=False, highlight=False, soft_wrap=True)
    return bool(answers)


def text_on(handset: Handset, console: Console) -> None:
    """Text back and forth until the input ends."""
    console.print(f"[dim]Texting as {handset.phone}. End with Ctrl-D.[/]")
    for words in _typed(console, "you> "):
        if words and not text_once(handset, words, console):
            console.print("[dim](no answer)[/]")


def call_scripted(handset: Handset, script: str, console: Console) -> CallView:
    """Call and give the comma-separated entries one by one. ValueError for an entry that is none."""
    entries = [part.strip() for part in script.split(",") if part.strip()]
    inputs = [None if entry == HANG_UP else read_entry(entry) for entry in entries]
    call = handset.dial()
    _show(call, console)
    for given in inputs:
        if call.state == "ended":
            break
        call = handset.hang_up(call) if given is None else handset.give(call, given)
        _show(call, console)
    if call.state != "ended":
        call = handset.hang_up(call)
        _show(call, console)
    return call


def call_on(handset: Handset, console: Console) -> None:
    """Call and take what is typed until the line ends; the end of the input hangs up."""
    console.print(f"[dim]Calling as {handset.phone}. {HELP}[/]")
    call = handset.dial()
    _show(call, console)
    typed = _typed(console, "> ")
    while call.state != "ended":
        entry = next(typed, HANG_UP)
        try:
            call = handset.hang_up(call) if entry == HANG_UP else handset.give(call, read_entry(entry))
        except ValueError:
            console.print(f"[dim]{HELP}[/]")
            continue
        _show(call, console)


def read_entry(entry: str) -> CallInput:
    """`1000000001#` -> keys, `say pay my bill` -> speech, `silence`. ValueError for anything else."""
    word, _, words = entry.strip().partition(" ")
    if _KEYS.fullmatch(entry.strip()):
        # The whole entry is meant: what a member would do by pausing after the last key.
        return CallInput.model_validate({"keys": entry.strip(), "is_done": True})
    if word == "say" and words.strip():
        return CallInput.model_validate({"speech": words.strip()})
    if entry.strip() == "silence":
        return CallInput.model_validate({"silence": True})
    raise ValueError(entry)


def _typed(console: Console, prompt: str) -> Iterator[str]:
    while True:
        try:
            yield console.input(prompt).strip()
        except EOFError:
            console.print()
            return


def _show(call: CallView, console: Console) -> None:
    for line in call.lines:
        console.print(_written(line), highlight=False, soft_wrap=True)
    if call.state == "ended" and call.ended_because:
        console.print(f"[dim]The call ended: {escape(call.ended_because)}[/]", highlight=False)


def _written(line: CallLine) -> str:
    if line.kind == "said":
        return f"[bold]Line:[/] {escape(line.text)}"
    who = _MEMBER_LINES.get(line.kind)
    if who:
        return f"[cyan]{who}{': ' + escape(line.text) if line.text else ''}[/]"
    return f"[dim]({line.kind}{': ' + escape(line.text) if line.text else ''})[/]"


def _from_coop(texts: list[TextView]) -> list[TextView]:
    return [text for text in texts if text.direction == "to_phone"]
