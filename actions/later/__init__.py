"""Payments on a later day: setting one, looking at what is set, changing it, taking it back."""
