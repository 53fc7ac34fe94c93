"""Requests for a person: callbacks, disputes, scam reports."""
