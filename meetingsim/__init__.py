"""A local meeting platform that you may attack."""

__version__ = "0.1.0"
