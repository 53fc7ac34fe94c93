"""Payment methods, drafts and payments: the rows that are the truth about money."""
