"""One file per vendor, each behind one port."""
