"""The edge: HTTP and the socket; here everything from outside is validated once, and refusals become answers."""
