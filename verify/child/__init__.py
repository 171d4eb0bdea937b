"""Everything that runs beside the checked code, under any Python 3.9+ with nothing installed."""
