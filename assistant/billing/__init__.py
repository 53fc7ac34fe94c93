"""Members, accounts, statements and the ledger."""
