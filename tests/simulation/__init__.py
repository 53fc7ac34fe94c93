"""One seed owns time, faults and crashes over the real payments, scheduling and autopay code."""
