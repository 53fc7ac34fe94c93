"""Calling on the simulator page: keys, speech, silence, cards, incoming calls, and the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scripted_coop import ASK_NUMBER, GREETING, MENU, SPANISH, STILL_THERE

pytestmark = pytest.mark.browser


def call(page: Page) -> None:
    page.get_by_role("button", name="Call the co-op").click()
    expect(page.locator("#captions").get_by_text(MENU).last).to_be_visible()


def says(page: Page, words: str) -> None:
    expect(page.locator("#captions").get_by_text(words).last).to_be_visible()


@pytest.mark.parametrize("page", [{"phone": "+17065550151"}], indirect=True)
def test_a_call_shows_what_the_line_says_and_takes_keys(page: Page) -> None:
    call(page)
    says(page, GREETING)
    expect(page.get_by_role("status")).to_have_text("Listens: 1 key or words")
    page.get_by_role("button", name="1", exact=True).click()
    says(page, ASK_NUMBER)
    for digit in "1000000001":
        page.get_by_role("button", name=digit, exact=True).click()
    says(page, "That was 10 digits.")
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("status")).to_contain_text("Ended")
    expect(page.get_by_role("button", name="Call the co-op")).to_be_focused()


@pytest.mark.parametrize("page", [{"phone": "+17065550152"}], indirect=True)
def test_the_keyboard_alone_makes_a_whole_call(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the telephone")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Call the co-op")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, MENU)
    expect(page.get_by_role("button", name="1", exact=True)).to_be_focused()
    page.keyboard.press("1")
    says(page, ASK_NUMBER)
    page.keyboard.type("12345#")
    says(page, "That was 5 digits.")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "speech":
            break
    page.keyboard.type("my number is 1 2 3")
    page.keyboard.press("Enter")
    says(page, "I heard: my number is 1 2 3.")
    while page.evaluate("document.activeElement.id") != "hang-up":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Ended")


@pytest.mark.parametrize("page", [{"phone": "+17065550153"}], indirect=True)
def test_silence_and_speech_are_given_to_the_line(page: Page) -> None:
    call(page)
    page.get_by_role("button", name="Stay silent").click()
    says(page, STILL_THERE)
    page.get_by_label("Say something").fill("español")
    page.keyboard.press("Enter")
    says(page, SPANISH)
    assert page.locator("#captions p[lang=es]").count() == 1


@pytest.mark.parametrize("page", [{"phone": "+17065550154"}], indirect=True)
def test_a_test_card_is_keyed_by_one_button_and_never_shown(page: Page) -> None:
    call(page)
    page.get_by_role("button", name="2", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Waits for the card number")
    page.get_by_label("Test card").select_option(label="Visa that works ···4242")
    page.get_by_role("button", name="Key the card").click()
    says(page, "The card: success.")
    expect(page.get_by_role("status")).to_contain_text("Ended")
    assert "4242424242424242" not in page.locator("#telephone .display").inner_text()
    page.wait_for_timeout(2000)
    assert "4242424242424242" not in page.locator("#wire").inner_text()


@pytest.mark.parametrize("page", [{"phone": "+17065550155"}], indirect=True)
def test_a_card_keyed_by_hand_shows_dots_only(page: Page) -> None:
    call(page)
    page.get_by_role("button", name="2", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Waits for the card number")
    page.locator("#pad button").first.focus()
    page.keyboard.type("4242")
    expect(page.locator("#keyed")).to_have_text("••••")


@pytest.mark.parametrize("page", [{"phone": "+17065550156"}], indirect=True)
def test_an_incoming_call_rings_and_can_be_answered(page: Page) -> None:
    page.get_by_label("Your text message").fill("CALL")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="The co-op is calling")).to_be_visible()
    page.get_by_role("button", name="Answer").click()
    says(page, GREETING)
    expect(page.get_by_role("button", name="1", exact=True)).to_be_focused()


@pytest.mark.parametrize("page", [{"phone": "+17065550157"}], indirect=True)
def test_an_incoming_call_can_be_declined(page: Page) -> None:
    page.get_by_label("Your text message").fill("CALL")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Decline").click()
    expect(page.locator("#incoming")).to_be_hidden()
    expect(page.get_by_role("status")).to_contain_text("Ended")
    expect(page.get_by_role("button", name="Call the co-op")).to_be_enabled()


@pytest.mark.parametrize("page", [{"phone": "+17065550158"}], indirect=True)
def test_keys_pressed_quickly_all_arrive_in_order(page: Page) -> None:
    call(page)
    page.keyboard.type("11000000002")
    says(page, "That was 10 digits.")
    expect(page.locator("#captions .of-member").last).to_contain_text("1000000002")


@pytest.mark.parametrize("page", [{"phone": "+17065550164"}], indirect=True)
def test_a_pause_hands_over_what_was_keyed(page: Page) -> None:
    call(page)
    page.keyboard.type("1")
    says(page, ASK_NUMBER)
    page.keyboard.type("123")
    expect(page.get_by_role("status")).to_have_text("Listens: 10 keys, then # or a pause")
    expect(page.locator("#captions").get_by_text("That was 3 digits.")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("page", [{"phone": "+17065550159"}], indirect=True)
def test_picking_another_member_hangs_up(page: Page) -> None:
    call(page)
    page.get_by_role("radio", name="June Park").check(force=True)
    expect(page.get_by_role("status")).to_have_text("On the hook")
    page.get_by_role("radio", name="Another phone").check(force=True)
    expect(page.get_by_role("button", name="Call the co-op")).to_be_enabled()


@pytest.mark.parametrize("page", [{"phone": "+17065550160"}], indirect=True)
def test_a_reload_in_the_middle_of_a_call_goes_on_with_it(page: Page) -> None:
    call(page)
    page.reload()
    says(page, MENU)
    page.get_by_role("button", name="Stay silent").click()
    says(page, STILL_THERE)
