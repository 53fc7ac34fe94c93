"""Actions that find out who is there: account, ZIP, PIN, codes, and setting a PIN."""
