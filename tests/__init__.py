"""The tests of Porchlight. Names are sentences; what is asserted is behaviour."""
