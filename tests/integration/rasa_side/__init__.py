"""Checks that need Rasa's own Python; `test_engine_components.py` runs them there with unittest."""
