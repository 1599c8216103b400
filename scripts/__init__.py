"""What makes the generated and the fetched parts of the project; nothing here ships in the package."""
