"""Texts that are no answer to any question: reactions, swearing, and languages that we do not speak. Pure."""

from __future__ import annotations

import re
import unicodedata

from assistant.dialogue.keywords import plain

# What a phone writes when somebody puts a heart or a thumb on one of our texts.
_REACTION = re.compile(
    r"""^(?:
        (?:liked|loved|disliked|laughed\ at|emphasi[sz]ed|questioned|reacted\ .{1,12}\ to
           |removed\ an?\ .{1,20}\ from)
        |(?:(?:no\ )?(?:le|te|a\ \w+\ le)\ (?:gusto|encanto)|se\ (?:rio|ha\ reido)\ de|destaco|enfatizo
           |cuestiono|puso\ en\ duda|reacciono\ .{0,15}a|(?:elimino|quito)\ .{1,30}\ (?:de|a))
        |[^\w\s"'“«]{1,8}\s*(?:to|a)
    )\s+(?:["“«']|an?\ (?:image|photo|message|attachment|movie)|una?\ (?:imagen|foto|mensaje))""",
    re.VERBOSE,
)

# A thumb, a hand, a heart or a smile by itself; skin tones and the sign for color follow them.
_NODS = frozenset("👍👌🙏🙌👏🤝✅✔💯❤♥💙💚💛💜🧡😀😃😄😁😊🙂😉😎🥰😍🤗🎉")
_MODIFIERS = frozenset("\ufe0f\u200d🏻🏼🏽🏾🏿")

_SWEAR_WORDS = """
    fuck fucking fucked fucker fck fuk shit shitty bullshit bs bitch bitches asshole assholes ass
    bastard bastards damn damned dammit goddamn crap crappy screw suck sucks stupid idiot idiots
    idiotic moron morons dumb dumbass wtf stfu fu jerk jerks useless worthless mierda pendejo
    pendeja pendejos pendejada puta puto putas putos cabron cabrona cabrones chinga chingar chingada
    chingados chinguen verga joder jodan jodete jodanse carajo culero culeros estupido estupida
    estupidos idiota idiotas imbecil imbeciles maldito maldita malditos pinche pinches hijueputa
    mamon inutil inutiles basura
"""
_SWEARING = frozenset(_SWEAR_WORDS.split())
# With nothing but these around it, swearing asks for nothing else.
_AROUND = """
    you your youre yall are is this that it its the a an of piece oh my god so such just shut up i
    hate go to hell off all them thing machine robot bot company people guys system what ones tu tus
    su sus eres es son esta este esto el la los las un una de que vete al ve hijo hijos madre
    maquina sistema compania gente me te lo unos unas y mas ya aqui
"""
_AROUND_SWEARING = frozenset(_AROUND.split())
_LONGEST_OUTBURST = 10

# Words that neither English nor Spanish has.
_LANGUAGES = {
    "french": """bonjour bonsoir merci parlez francais payer facture combien veux vous je est pas dois
        plait voudrais mon votre avec aide""",
    "portuguese": """ola obrigado obrigada voce nao fatura conta quero quanto minha meu estou fala
        portugues boa bom ajuda devo falar""",
    "german": """ich nicht bitte rechnung bezahlen danke guten sprechen deutsch mochte kann meine wie viel
        hallo strom tag hilfe und""",
    "tagalog": """magkano bayad magbayad salamat po ako kumusta hindi ang ng ko bayaran kuryente kailangan
        tulong""",
    "creole": "mwen bonjou mesi kreyol peye fakti pale vle konbyen ou ede tanpri",
}
_WORDS_OF = {name: frozenset(words.split()) for name, words in _LANGUAGES.items()}
# One of these alone is enough; of the others it takes two, and more than half of all words.
_UNMISTAKABLE = {
    **{"bonjour": "french", "bonsoir": "french", "francais": "french", "merci": "french"},
    **{"obrigado": "portuguese", "obrigada": "portuguese", "portugues": "portuguese"},
    **{"deutsch": "german", "kumusta": "tagalog", "tagalog": "tagalog", "bonjou": "creole"},
    **{"kreyol": "creole", "mwen": "creole"},
}
_ASKED_FOR = re.compile(
    r"\b(french|portuguese|german|chinese|mandarin|cantonese|vietnamese|korean|japanese|tagalog|arabic|russian"
    r"|haitian creole|creole|hindi|hmong|somali|polish|italian)\b"
)
_NAMED = {"haitian creole": "creole"}
_LONGEST_ASKING = 8
_LATIN_MARKS = re.compile("[\u1ea0-\u1ef9\u01a0\u01a1\u01af\u01b0\u0110\u0111]")


def is_reaction(text: str) -> bool:
    """`Liked "You owe $84.20"`, `Le gustó «Debe $84.20»`, `👍 to "…"`."""
    return _REACTION.match(_folded(text)) is not None


def is_nod(text: str) -> bool:
    """`👍`, `🙏🙏`, `❤️`: an answer has been read, and nothing is asked for."""
    signs = [sign for sign in text if not sign.isspace() and sign not in _MODIFIERS]
    return bool(signs) and all(sign in _NODS for sign in signs)


def is_outburst(text: str) -> bool:
    """Swearing that asks for nothing else; with a wish in it the wish is what counts."""
    words = plain(text).split()
    is_short = 0 < len(words) <= _LONGEST_OUTBURST
    return is_short and bool(_SWEARING & set(words)) and not set(words) - _SWEARING - _AROUND_SWEARING


def other_language(text: str) -> str | None:
    """The language when it is neither of ours: a name of `_LANGUAGES`, or `other`; else None."""
    letters = [sign for sign in text if sign.isalpha()]
    foreign = [sign for sign in letters if not unicodedata.name(sign, "").startswith(("LATIN", "FULLWIDTH"))]
    if len(foreign) * 2 > len(letters) or len(_LATIN_MARKS.findall(text)) > 1:
        return "other"
    words = plain(text).split()
    asked = _ASKED_FOR.search(" ".join(words)) if len(words) <= _LONGEST_ASKING else None
    if asked is not None:
        name = _NAMED.get(asked.group(), asked.group())
        return name if name in _LANGUAGES else "other"
    if len(words) == 1:
        return _UNMISTAKABLE.get(words[0])
    for name, known in _WORDS_OF.items():
        found = {word for word in words if word in known}
        if len(found) > 1 and 2 * sum(word in known for word in words) > len(words):
            return name
    return None


def _folded(text: str) -> str:
    """Lower case without accents; quotes and emoji stay."""
    split = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(sign for sign in split if not unicodedata.combining(sign))
