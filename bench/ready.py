"""What a server of the benchmark says on its first line, as ``meetingsim serve --json`` does."""

import json
import sys


def say_ready(port: int) -> None:
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()
