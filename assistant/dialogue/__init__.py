"""A turn, a reply, a session, and the port to the dialogue engine."""
