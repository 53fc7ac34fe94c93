"""Texting on the simulator page: the thread, late answers, wiped texts, and markup that stays text."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.scripted_coop import MARKUP, OFFER, RECEIPT

pytestmark = pytest.mark.browser


def send(page: Page, words: str) -> None:
    page.get_by_label("Your text message").fill(words)
    page.keyboard.press("Enter")


def from_me(page: Page, words: str) -> Locator:
    """The bubble of a text that the carrier has taken: its sender is written for screen readers."""
    return page.locator("#thread .bubble.from_phone").get_by_text(f"You: {words}", exact=True)


@pytest.mark.parametrize("page", [{"phone": "+17065550141"}], indirect=True)
def test_a_text_is_answered_in_the_thread(page: Page) -> None:
    send(page, "pay my bill")
    thread = page.get_by_role("log", name="Text messages with the co-op")
    expect(from_me(page, "pay my bill")).to_be_visible()
    expect(thread.get_by_text(OFFER)).to_be_visible()
    expect(page.get_by_label("Your text message")).to_be_focused()
    expect(page.get_by_label("Your text message")).to_have_value("")


@pytest.mark.parametrize("page", [{"phone": "+17065550142"}], indirect=True)
def test_a_pin_is_shown_as_wiped_once_the_co_op_has_wiped_it(page: Page) -> None:
    send(page, "4821")
    thread = page.locator("#thread")
    expect(thread.get_by_text(RECEIPT)).to_be_visible()
    expect(thread.get_by_text("wiped at the carrier")).to_be_visible()
    expect(thread.get_by_text("4821")).to_have_count(0)


@pytest.mark.parametrize("page", [{"phone": "+17065550143"}], indirect=True)
def test_a_late_answer_appears_by_itself_and_once(page: Page) -> None:
    send(page, "later")
    expect(page.locator("#thread").get_by_text("Here is the late answer.")).to_be_visible()
    page.wait_for_timeout(2500)
    expect(page.locator("#thread").get_by_text("Here is the late answer.")).to_have_count(1)


@pytest.mark.parametrize("page", [{"phone": "+17065550144"}], indirect=True)
def test_markup_in_a_text_stays_text(page: Page) -> None:
    send(page, "markup")
    expect(page.locator("#thread").get_by_text(MARKUP)).to_be_visible()
    assert page.locator("#thread img, #thread b").count() == 0
    assert page.title() == "Porchlight · phone simulator"


@pytest.mark.parametrize("page", [{"phone": "+17065550145"}], indirect=True)
def test_several_texts_at_once_keep_their_order(page: Page) -> None:
    for words in ("one", "two", "three"):
        send(page, words)
    expect(page.locator("#thread .bubble.to_phone")).to_have_count(3)
    mine = page.locator("#thread .bubble.from_phone").all_inner_texts()
    assert [words.removeprefix("You:").strip() for words in mine] == ["one", "two", "three"]


def test_a_shift_enter_is_a_new_line_and_an_empty_text_is_not_sent(page: Page) -> None:
    composer = page.get_by_label("Your text message")
    composer.fill("two")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("lines")
    expect(composer).to_have_value("two\nlines")
    count = page.locator("#thread .bubble").count()
    composer.fill("   ")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.locator("#thread .bubble").count() == count


def test_picking_another_member_shows_another_thread(page: Page) -> None:
    send(page, "pay my bill")
    expect(page.locator("#thread").get_by_text(OFFER).first).to_be_visible()
    page.get_by_role("radio", name="June Park").check(force=True)
    expect(page.locator("#thread").get_by_text("No texts yet")).to_be_visible()
    expect(page.locator("#texts [data-phone]")).to_have_text("+1 706 555 0115")


def test_the_members_pin_and_words_in_their_language_are_offered(page: Page) -> None:
    tries = page.get_by_role("group", name="Things to text")
    expect(tries.get_by_role("button", name="PIN 4821")).to_be_visible()
    page.get_by_role("radio", name="Rosa Delgado").check(force=True)
    expect(tries.get_by_role("button", name="pagar mi recibo")).to_be_visible()
    tries.get_by_role("button", name="pagar mi recibo").click()
    expect(from_me(page, "pagar mi recibo")).to_be_visible()


def test_stop_is_told_on_the_handset_and_start_undoes_it(page: Page) -> None:
    page.get_by_role("radio", name="Earl Tucker").check(force=True)
    send(page, "STOP")
    expect(page.get_by_text("This phone said STOP.")).to_be_visible()
    send(page, "START")
    expect(page.get_by_text("This phone said STOP.")).to_be_hidden()
