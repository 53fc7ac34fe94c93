"""Porchlight: pay the power bill by text message or phone call."""
