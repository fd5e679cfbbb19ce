"""Dates: how they are written, where a page shows them, and what speaks for the day of publication."""
