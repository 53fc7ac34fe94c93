"""What a member wrote or a recogniser heard, in plain words: short forms spelled out, fillers gone.

Only the recogniser of intents reads the result. The words that are stored, shown to actions and answered
stay as they came.
"""

import re
from typing import Dict

# Short forms with one reading only: "2" or "4" are left alone, because they are also amounts and days.
_SHORT_FORMS: Dict[str, str] = {
    "u": "you", "ya'll": "you all", "yall": "you all", "y'all": "you all", "ur": "your", "r": "are",
    "ru": "are you", "k": "okay", "kk": "okay", "pls": "please", "plz": "please",
    "plzz": "please", "plzzz": "please", "plse": "please", "thx": "thanks", "thnx": "thanks",
    "tnx": "thanks", "tks": "thanks", "ty": "thank you", "tysm": "thank you so much", "thanku": "thank you",
    "tq": "thank you", "pymt": "payment", "pymts": "payments", "pmt": "payment", "pmts": "payments",
    "pymnt": "payment", "paymnt": "payment", "pyment": "payment", "autopymt": "automatic payment",
    "acct": "account", "accts": "accounts", "acc": "account", "acnt": "account", "bal": "balance",
    "amt": "amount", "amnt": "amount", "stmt": "statement", "addr": "address", "addy": "address",
    "num": "number", "nbr": "number", "ph": "phone", "msg": "message", "msgs": "messages", "txt": "text",
    "txts": "texts", "txting": "texting", "wat": "what", "wut": "what", "wht": "what", "wen": "when",
    "whn": "when", "wher": "where", "y'know": "you know", "bc": "because", "cuz": "because", "coz": "because",
    "b4": "before", "bil": "bill", "bils": "bills",
    "2day": "today", "2moro": "tomorrow", "2morrow": "tomorrow", "tmrw": "tomorrow",
    "tmw": "tomorrow", "tomoro": "tomorrow", "2nite": "tonight", "l8": "late", "l8r": "later", "gr8": "great",
    "rn": "right now", "idk": "i don't know", "dk": "don't know", "nvm": "never mind",
    "nvmd": "never mind", "btw": "by the way", "fyi": "for your information", "w": "with", "wo": "without",
    "abt": "about", "gd": "good", "gud": "good", "mrng": "morning", "evng": "evening",
    "rep": "representative", "info": "information",
    "chg": "change", "chng": "change", "cxl": "cancel", "sched": "schedule",
    "schd": "schedule", "hrs": "hours", "ppl": "people", "some1": "someone", "sum1": "someone",
    "any1": "anyone", "shd": "should", "cud": "could", "wud": "would", "hv": "have", "hav": "have",
    "lemme": "let me", "gimme": "give me", "gonna": "going to", "wanna": "want to", "gotta": "have to",
    "dunno": "don't know", "dont": "don't", "cant": "can't", "wont": "won't", "didnt": "didn't",
    "doesnt": "doesn't", "isnt": "isn't", "wasnt": "wasn't", "hasnt": "hasn't", "havent": "haven't",
    "couldnt": "couldn't", "wouldnt": "wouldn't", "shouldnt": "shouldn't", "arent": "aren't",
    "im": "i'm", "ive": "i've", "whats": "what's", "wats": "what's", "whens": "when's", "wheres": "where's",
    "hows": "how's", "whos": "who's", "thats": "that's", "theres": "there's", "youre": "you're",
    # Spanish, as it is texted
    "q": "que", "xq": "porque", "pq": "porque", "xfa": "por favor", "porfa": "por favor",
    "tmb": "también", "grax": "gracias", "grasias": "gracias", "kiero": "quiero", "qiero": "quiero",
    "cta": "cuenta", "nomas": "nada más", "nomás": "nada más",
}  # fmt: skip
_FILLERS = frozenset(("um", "umm", "uh", "uhh", "uhm", "er", "erm", "ah", "ahh", "pues", "mm"))
_WORD = re.compile(r"[^\s,.;:!?¿¡]+")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_SPACES = re.compile(r"\s+")


def normalized(text: str) -> str:
    """Plain lower-case words with the punctuation kept; never empty unless `text` is blank."""
    plain = _DRAWN_OUT.sub(r"\1\1", text.lower().replace("’", "'"))
    spelled = _WORD.sub(lambda match: _SHORT_FORMS.get(match.group(), match.group()), plain)
    told = _SPACES.sub(" ", _WORD.sub(_without_filler, spelled)).strip(" ,")
    return told if any(sign.isalnum() for sign in told) else spelled.strip()


def _without_filler(match: "re.Match[str]") -> str:
    return "" if match.group() in _FILLERS else match.group()
