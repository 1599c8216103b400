"""What scenarios are played against: this version in process, a server, or somebody else's product behind an adapter."""
