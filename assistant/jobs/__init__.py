"""Durable work: jobs that outlive the process that began them. Only `engine.py` knows DBOS."""
