"""A charge that looks wrong: which one, in a few words, for a person."""
