"""Plays a scenario: the cast, their clients and the ways between, scripted hosts, faults; what happens goes into a trace."""
