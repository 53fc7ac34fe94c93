"""Which of our two languages a text is in, from words that only one of them has. None when unsure."""

from __future__ import annotations

from assistant.dialogue.keywords import plain
from assistant.money import Language

_SPANISH = """
    hola gracias quiero pagar cuanto debo mi cuenta recibo factura luz saldo por favor ayuda cuando vence
    necesito puedo tengo que es el la los las una para como hablar con persona buenos buenas dias tardes
    tarjeta pago hice llego esta corte cortar servicio ya del al su
    de en lo se mis sus nos este estas ese eso aqui donde cual cuales quien porque pero mas muy tambien
    otra otro todo todos nada sobre desde hasta antes despues hoy ayer manana semana mes meses ano anos
    pague pagaste pagamos pagaron pagado pagos queda quedan quedo tiene tienen fue fueron estoy estan soy
    quisiera quiere queremos puede pueden podria debe deben cobran cobraron cobro mandar manden manda mandaron
    recibieron recibio recibi dinero dolares efectivo prepago deuda facturas recibos cuentas tarjetas
    inscribirme inscribir registrarme registrar clave olvide olvido cambiar agregar quitar quiten mensajes
    ayudante avisos recordatorio recordatorios programado automatico guardadas primero
    carta copia enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
"""
_ENGLISH = """
    the my is to pay bill how much do i owe what when due want need can you please hello hi thanks card with
    was payment received account balance get have it on for of and
"""
_SPANISH_ONLY = frozenset(_SPANISH.split())
_ENGLISH_ONLY = frozenset(_ENGLISH.split())
# One shared or borrowed word decides nothing; these are neither, and decide alone.
_WANTED = 2
_UNMISTAKABLE = frozenset(("hola", "gracias", "ayuda", "saldo", "pagar", "factura", "recibo", "buenas"))


def language_of(text: str) -> Language | None:
    """`es` or `en` when at least two words speak for it and it clearly outweighs the other."""
    words = plain(text).split()
    spanish = sum(word in _SPANISH_ONLY for word in words)
    english = sum(word in _ENGLISH_ONLY for word in words)
    if words and all(word in _UNMISTAKABLE for word in words):
        return "es"
    if spanish >= _WANTED and spanish > 2 * english:
        return "es"
    if english >= _WANTED and english > 2 * spanish:
        return "en"
    return None
