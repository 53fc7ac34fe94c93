"""Cards on file, helpers, paper and how we write: by text and phone, by keys and in words, both languages."""

from __future__ import annotations

import pytest

from tests.dialogs.callers import Town
from tests.dialogs.conftest import PHONE, Line, World

HELPER = "+17065550177"


def keep_two_cards(world: World, account_id: int) -> None:
    methods = world.app.payments.saved_methods
    methods.save(account_id, "pm_saved_4242", is_default=True)
    methods.save(account_id, "pm_saved_5100")


def verified_call(world: World, line: Line | None = None, pin: str = "4821") -> Line:
    """On a call, when the account, the ZIP and the PIN were asked."""
    line = line or world.call()
    line.press("1000000001")
    line.press("30601")
    line.press(pin)
    return line


def cards_of(world: World, account_id: int) -> list[str]:
    return [each.last_four for each in world.app.payments.saved_methods.saved(account_id)]


def test_a_card_is_taken_off_by_text_after_the_pin(world: World) -> None:
    account = world.factory.account(phone=PHONE)
    world.saved_card(account)
    line = world.thread()
    assert "PIN" in line.text("remove my card")
    assert "Visa 4242" not in line.said
    assert "take Visa" in line.text("4821")
    assert "is taken off" in line.text("yes")
    assert cards_of(world, account.id) == []


def test_una_tarjeta_se_quita_por_mensaje(world: World) -> None:
    account = world.factory.account(phone=PHONE, language="es")
    world.saved_card(account)
    line = world.thread()
    line.text("quiten mi tarjeta")
    assert "¿Quitamos" in line.text("4821")
    line.text("sí")
    assert cards_of(world, account.id) == []


def test_a_no_leaves_the_card_where_it_is(world: World) -> None:
    account = world.factory.account(phone=PHONE)
    world.saved_card(account)
    line = world.thread()
    line.text("delete my card")
    line.text("4821")
    assert "nothing was changed" in line.text("no")
    assert len(cards_of(world, account.id)) == 1


def test_a_digression_comes_back_to_the_question(world: World) -> None:
    account = world.factory.account(phone=PHONE)
    world.saved_card(account)
    line = world.thread()
    line.text("remove my card")
    line.text("4821")
    said = line.text("how much do i owe")
    assert "$84.20" in said
    assert "Shall we take" in said
    line.text("yes")
    assert cards_of(world, account.id) == []


def test_the_cards_are_listed_and_another_put_first_with_keys_alone(world: World) -> None:
    account = world.factory.account(phone=PHONE)
    keep_two_cards(world, account.id)
    line = world.thread()
    line.text("cards")
    assert "used first" in line.text("4821")
    line.text("3")
    assert "is used first now" in line.text("2")
    assert cards_of(world, account.id) == ["5100", "4242"]


def test_a_backup_is_agreed_to_with_its_words_on_file(world: World) -> None:
    account = world.factory.account(phone=PHONE)
    keep_two_cards(world, account.id)
    line = world.thread()
    line.text("set a backup card")
    line.text("4821")
    assert "may we charge" in line.text("2")
    line.text("yes")
    [backup] = [each for each in world.app.payments.saved_methods.saved(account.id) if each.is_backup]
    assert backup.last_four == "5100"


def test_a_card_gets_a_name_of_the_members_own(world: World) -> None:
    account = world.factory.account(phone=PHONE)
    world.saved_card(account)
    line = world.thread()
    line.text("give my card a nickname")
    line.text("4821")
    assert "home card" in line.text("1")
    assert world.app.payments.saved_methods.saved(account.id)[0].nickname == "home card"


def test_adding_a_card_by_text_leads_to_a_call_and_never_to_a_card_number(world: World) -> None:
    world.factory.account(phone=PHONE)
    line = world.thread()
    line.text("add a new card")
    assert "Never text a card number" in line.text("4821")
    line.text("call")
    assert len(world.queued("call")) == 1


def test_a_card_is_added_on_the_phone_with_keys_alone_and_the_mandate_is_read(world: World) -> None:
    account = world.factory.account(phone=PHONE)
    line = world.call()
    line.speak("add a new card")
    verified_call(world, line)
    assert line.expect.kind == "new_card"
    assert "May we keep" in line.key_card()
    assert line.expect.is_terms
    assert "on file now" in line.press("1")
    assert cards_of(world, account.id) == ["4242"]
    assert world.gateway.attached == ["pm_new"]


def test_en_el_telefono_se_agrega_una_tarjeta(world: World) -> None:
    account = world.factory.account(phone=PHONE, language="es")
    line = world.call()
    line.speak("quiero agregar una tarjeta")
    verified_call(world, line)
    assert "¿Podemos guardar" in line.key_card()
    line.press("2")
    assert cards_of(world, account.id) == []


@pytest.mark.parametrize(
    ("words", "is_paperless"), [("go paperless", True), ("i want paper bills again", False)]
)
def test_paper_is_stopped_and_wanted_again(world: World, words: str, is_paperless: bool) -> None:
    world.factory.account(phone=PHONE)
    line = world.thread()
    if not is_paperless:
        line.text("go paperless")
        line.text("4821")
        line.text("yes")
    line.text(words)
    if is_paperless:
        line.text("4821")
    assert "paper" in line.said
    assert "Done" in line.text("yes")
    assert [each.topic for each in world.requests()] == ["paperless"]
    assert world.app.services.preferences.of(line.session_id).is_paperless is is_paperless


def test_sin_papel_por_telefono_con_teclas(world: World) -> None:
    world.factory.account(phone=PHONE, language="es")
    line = world.call()
    line.speak("no quiero más facturas en papel")
    verified_call(world, line)
    assert "Listo" in line.press("1")


def test_reminders_are_set_by_keys(world: World) -> None:
    world.factory.account(phone=PHONE)
    line = world.thread()
    line.text("alerts")
    line.text("4821")
    line.text("1")
    assert "7" in line.text("4")
    assert world.app.services.preferences.of(line.session_id).reminder_days == 7


def test_nobody_is_texted_at_night_who_says_so(world: World) -> None:
    world.factory.account(phone=PHONE)
    line = world.thread()
    line.text("do not text me so late at night")
    assert "Which hours" in line.text("4821")
    assert "6 PM to 10 AM" in line.text("2")


def test_a_helper_is_named_reads_the_balance_and_changes_nothing(world: World) -> None:
    world.factory.account(phone=PHONE)
    line = world.thread()
    line.text("let my daughter pay my bill from her phone")
    assert "10 digits" in line.text("4821")
    assert "706-555-0177" in line.text("706-555-0177")
    assert "Done" in line.text("yes")
    daughter = world.thread(HELPER)
    assert "$84.20" in daughter.text("how much is owed")
    daughter.text("remove my card")
    assert "member" in daughter.text("4821") or "account" in daughter.said
    assert "AGENT" in daughter.said or "person" in daughter.said or "only" in daughter.said.lower()


def test_a_wrong_number_is_corrected_before_it_counts(world: World) -> None:
    account = world.factory.account(phone=PHONE)
    line = world.thread()
    line.text("add a helper")
    line.text("4821")
    line.text("7065550188")
    assert "10 digits" in line.text("no")
    line.text("7065550177")
    line.text("yes")
    assert [each.last_four for each in world.app.identity.helpers(line.session_id)] == ["0177"]
    assert account.id == world.app.identity.accounts_of_phone(HELPER)[0].account_id


def test_un_ayudante_se_nombra_y_se_quita_por_telefono(world: World) -> None:
    world.factory.account(phone=PHONE, language="es")
    line = world.call()
    line.speak("quiero nombrar un ayudante")
    verified_call(world, line)
    line.press("7065550177")
    assert "Listo" in line.press("1")
    line.speak("quitar un ayudante")
    assert "Listo" in line.press("1")
    assert world.app.identity.accounts_of_phone(HELPER) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_caller_with_one_card_who_asks_which_is_first_is_led_on(world: World, language: str) -> None:
    world.saved_card(world.factory.account(phone=PHONE, language=language))
    line = world.call()
    line.press("4")
    line.press("5")
    verified_call(world, line)
    line.press("1")
    said = line.press("3")
    assert ("the only card on file" if language == "en" else "la única tarjeta guardada") in said
    assert [choice.entities["option"] for choice in line.expect.choices][:2] == ["add", "remove"]


def test_by_keys_alone_helpers_are_heard_and_taken_away(world: World) -> None:
    account = world.factory.account()
    line = Town(world, "en").call(account, account.phone, is_verified=True).line
    world.app.identity.name_helper(line.session_id, HELPER)
    line.press("4")
    line.press("5")
    assert "0 1 7 7" in line.press("2")
    line.press("2")
    line.press("1")
    assert world.app.identity.helpers(line.session_id) == []
