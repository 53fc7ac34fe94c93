"""Who is it, and how sure are we: the only maker of a Verification."""
