"""The page is usable by everyone: axe finds nothing, 360 pixels are enough, nothing comes from elsewhere."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.scripted_coop import MENU, OFFER

pytestmark = pytest.mark.browser

SMALL = {"width": 360, "height": 740, "touch": True}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def require_accessible(page: Page) -> None:
    """Let axe-core look for everything it knows."""
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


def fill_with_life(page: Page) -> None:
    """Texts, a call and an opened exchange, so that every part is on the page."""
    page.get_by_label("Your text message").fill("pay my bill")
    page.keyboard.press("Enter")
    expect(page.locator("#thread").get_by_text(OFFER).last).to_be_visible()
    page.get_by_role("button", name="Call the co-op").click()
    expect(page.locator("#captions").get_by_text(MENU)).to_be_visible()
    page.locator("#wire-list summary").first.click()
    expect(page.locator("#wire-list pre").first).to_be_visible()


@pytest.mark.parametrize("page", [{"colors": "light"}, {"colors": "dark"}], indirect=True)
def test_axe_finds_nothing_in_either_theme(page: Page) -> None:
    require_accessible(page)
    fill_with_life(page)
    require_accessible(page)
    page.get_by_role("button", name="2", exact=True).click()
    expect(page.get_by_label("Test card")).to_be_visible()
    require_accessible(page)
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("status")).to_contain_text("Ended")


@pytest.mark.parametrize("page", [SMALL | {"colors": colors} for colors in ("light", "dark")], indirect=True)
def test_a_small_screen_shows_one_part_at_a_time_without_scrolling_sideways(page: Page) -> None:
    for part in ("members", "texts", "telephone", "wire"):
        page.locator(f".views [data-show={part}]").tap()
        shown = [
            one for one in ("members", "texts", "telephone", "wire") if page.locator(f"#{one}").is_visible()
        ]
        assert shown == [part]
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        require_accessible(page)


@pytest.mark.parametrize("page", [SMALL | {"phone": "+17065550161"}], indirect=True)
def test_a_small_screen_makes_a_call_with_captions_and_pad_in_sight(page: Page) -> None:
    page.locator(".views [data-show=telephone]").tap()
    page.get_by_role("button", name="Call the co-op").tap()
    expect(page.locator("#captions").get_by_text(MENU)).to_be_in_viewport()
    for key in ("1", "#"):
        expect(page.locator(f"#pad [data-key='{key}']")).to_be_in_viewport()
    for button in page.locator("#pad button, .call-row button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44


@pytest.mark.parametrize(
    "page", [{"width": width, "height": 900} for width in (768, 1024, 1280)], indirect=True
)
def test_no_width_scrolls_sideways(page: Page) -> None:
    widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]


def test_the_page_asks_nobody_else_for_anything(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_selector("#member-list[aria-busy=false]", state="attached")
    own = page.evaluate("location.origin")
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith(own)] == []


def test_the_theme_is_chosen_by_the_system_until_a_person_chooses(page: Page) -> None:
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Light").click()
    expect(root).to_have_attribute("data-theme", "light")
    page.reload()
    expect(root).to_have_attribute("data-theme", "light")


def test_members_are_picked_by_arrow_keys(page: Page) -> None:
    page.get_by_role("radio", name="Ada Miller").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Walter Briggs")).to_be_checked()
    expect(page.locator("#texts [data-phone]")).to_have_text("+1 706 555 0112")
    expect(page.locator(".member-card:visible").nth(1)).to_contain_text("1000000002")


def test_a_member_with_several_accounts_shows_each(page: Page) -> None:
    page.get_by_role("radio", name="Hollis Feed & Seed").check(force=True)
    table = page.get_by_role("table", name="Accounts on this phone")
    expect(table).to_contain_text("feed barn")
    assert table.get_by_role("row").count() == 5


@pytest.mark.parametrize("page", [{"phone": "+17065550162"}], indirect=True)
def test_the_wire_shows_signature_form_and_answer(page: Page) -> None:
    page.get_by_label("Your text message").fill("pay my bill, shown on the wire")
    page.keyboard.press("Enter")
    # The panel also shows what other tests sent before; only this text has these words.
    exchange = page.locator("#wire-list .exchange", has_text="Body: pay my bill, shown on the wire")
    exchange.locator("summary").click()
    expect(exchange).to_contain_text("X-Twilio-Signature")
    expect(exchange).to_contain_text("+17065550162")
    expect(exchange.locator("pre").last).to_contain_text(f"<Message>{OFFER}</Message>")


@pytest.mark.parametrize("page", [{"phone": "+17065550163", "trouble": "ERR_FAILED"}], indirect=True)
def test_trouble_is_told_and_goes_away(page: Page) -> None:
    page.route("**/phone/*/texts", lambda route: route.abort())
    page.get_by_label("Your text message").fill("pay my bill")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
    expect(page.get_by_label("Your text message")).to_have_value("pay my bill")
    page.unroute("**/phone/*/texts")
    page.keyboard.press("Enter")
    expect(page.locator("#thread").get_by_text(OFFER)).to_be_visible()
    expect(page.locator("#trouble")).to_be_hidden()
