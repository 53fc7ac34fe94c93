"""More time to pay: offered, read back, agreed to."""
