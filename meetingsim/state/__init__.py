"""The pure core: what a meeting is, and what each control does to it. Same input, same output, always."""
