"""Autopay: turning it on, how it stands, changing each part, pausing, resuming, turning it off."""
