"""What we add to Rasa: our channel, the language of replies, speed-ups, and two NLU components."""
