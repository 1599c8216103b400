"""The two programs in C, compiled at the time of the run where there is a compiler."""

import shutil
import subprocess
import sys
from pathlib import Path


def program(name: str, instead: str, scratch: Path) -> list[str]:
    """The command of ``NAME.c``, built into ``scratch``; of the Python module ``instead`` where that fails."""
    out, compiler = scratch / name, shutil.which("cc")
    if compiler and not out.exists():
        source = Path(__file__).with_name(f"{name}.c")
        subprocess.run([compiler, "-O2", "-o", str(out), str(source)], check=False, capture_output=True)
    return [str(out)] if out.exists() else [sys.executable, "-m", f"bench.{instead}"]


def language(command: list[str]) -> str:
    return "Python" if command[0] == sys.executable else "C"
