"""The interpreter that runs the code: its version and its packages, without importing any."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from verify.model import Environment, InterpreterError

#: Import names whose distributions are called otherwise.
_OTHERWISE = {
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "cv2": "opencv-python",
    "PIL": "pillow",
    "yaml": "pyyaml",
    "bs4": "beautifulsoup4",
}
#: The oldest Python that the child's code runs under.
OLDEST = (3, 9)
_ASK = "import json,platform,sys;print(json.dumps([platform.python_version(),sys.path]))"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One Python: where it is, its version, and the distributions it sees, by name."""

    path: str
    version: str
    distributions: tuple[tuple[str, str], ...]

    def package(self, name: str) -> str | None:
        """The version of the distribution behind an import name, None if there is none."""
        known = dict(self.distributions)
        return known.get(_plain(name)) or known.get(_plain(_OTHERWISE.get(name, name)))

    def environment(self, packages: tuple[str, ...]) -> Environment:
        """What a report says it ran on."""
        found = ((name, self.package(name)) for name in packages)
        return Environment(self.version, tuple((n, v) for n, v in found if v), ())


@cache
def interpreter(path: str | None) -> Interpreter:
    """The Python at a path, or this one."""
    if path is None:
        version, places = platform.python_version(), sys.path
        return Interpreter(sys.executable, version, _distributions(places))
    try:
        answer = subprocess.run(
            [path, "-c", _ASK], capture_output=True, text=True, check=True, timeout=60
        )
        version, places = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise InterpreterError(f"`{path}` is no Python that can be started: {error}") from None
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        raise InterpreterError(f"`{path}` is Python {version}; 3.9 or newer is needed")
    return Interpreter(path, version, _distributions(places))


def _distributions(places: list[str]) -> tuple[tuple[str, str], ...]:
    """Read off the names of the folders that installers leave; the first on the path counts."""
    found: dict[str, str] = {}
    for place in places:
        if place and Path(place).is_dir():
            for entry in Path(place).iterdir():
                match = re.match(r"(.+?)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info$", entry.name)
                if match:
                    found.setdefault(_plain(match.group(1)), match.group(2))
    return tuple(sorted(found.items()))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
