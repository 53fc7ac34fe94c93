"""Actions that take a payment: amount, method, card, reading back, charging, and how it went."""
