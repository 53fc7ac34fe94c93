"""What we tell members unasked: the outbox and the port to the carrier."""
