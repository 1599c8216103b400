"""Meetings as they run: one writer each, the connections, and what goes out to whom."""
