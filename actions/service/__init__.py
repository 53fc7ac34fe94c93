"""What members settle for themselves: cards on file, helpers, paper, and how we write to them."""
