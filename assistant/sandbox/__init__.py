"""The embedded default: Stripe stand-in, phone network, simulator and demo co-op. Never in production."""
