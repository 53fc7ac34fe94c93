"""How people reach us: the only code that reads Twilio forms and writes TwiML."""
