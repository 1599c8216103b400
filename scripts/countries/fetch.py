"""Fetches a pinned npm package with npm, and refuses it unless its digest is the pinned one."""

import base64
import hashlib
import io
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory


class FetchError(Exception):
    """The package could not be had as pinned; the message is one line for the terminal."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One package at one version; `integrity` is what `npm view NAME@VERSION dist.integrity` prints."""

    name: str
    version: str
    integrity: str

    @property
    def archive(self) -> str:
        """The file name that `npm pack` gives it."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


@dataclass(frozen=True, slots=True)
class Package:
    """A checked archive in memory."""

    pin: Pin
    archive: bytes

    def read(self, path: str) -> bytes:
        """Returns one file by its path below the package's root; nothing is unpacked to disk."""
        with tarfile.open(fileobj=io.BytesIO(self.archive), mode="r:gz") as tar:
            try:
                member = tar.extractfile(f"package/{path}")
            except KeyError:
                member = None
            if member is None:
                raise FetchError(f"{self.pin.name} {self.pin.version} has no file {path}")
            return member.read()


def fetch(pin: Pin, *, archives: Path | None = None) -> Package:
    """Returns the pinned package, out of the folder `archives` if one is given, else by `npm pack`.

    The digest is checked either way: a folder is a cache, not a source to be trusted.
    """
    if archives is not None:
        content = _from_folder(pin, archives)
    else:
        with TemporaryDirectory() as folder:
            _npm_pack(pin, folder)
            content = _from_folder(pin, Path(folder))
    check(pin, content)
    return Package(pin, content)


def check(pin: Pin, content: bytes) -> None:
    """Raises FetchError unless `content` has the pinned digest."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != pin.integrity:
        raise FetchError(f"{pin.name} {pin.version}: integrity is {found}, pinned is {pin.integrity}")


def _npm_pack(pin: Pin, folder: str) -> None:
    command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{pin.name}@{pin.version}"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    except FileNotFoundError:
        raise FetchError("npm is not on the PATH") from None
    except subprocess.TimeoutExpired:
        raise FetchError(f"npm pack {pin.name}@{pin.version} took more than ten minutes") from None
    if done.returncode != 0:
        complaint = done.stderr.strip().splitlines() or ["no message"]
        raise FetchError(f"npm pack {pin.name}@{pin.version} failed: {complaint[-1]}")


def _from_folder(pin: Pin, folder: Path) -> bytes:
    try:
        return (folder / pin.archive).read_bytes()
    except OSError as error:
        raise FetchError(f"{folder / pin.archive}: {error.strerror}") from None
