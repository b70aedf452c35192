"""Looks up the locked packages in OSV, the published list of known holes: `make audit`.

Nothing but names and versions is sent. Exit status 0: none is known; 1: some are; 2: it could not be asked, which
is not the same as none.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.parse
import urllib.request
from typing import Any

from bot.settings import PROJECT_ROOT

URL = "https://api.osv.dev/v1/querybatch"
_PACKAGE = re.compile(r'^\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"', re.MULTILINE)


def locked(text: str) -> list[tuple[str, str]]:
    """(name, version) of every package in the text of a uv.lock; raises ValueError when it names none."""
    found = _PACKAGE.findall(text)
    if not found:
        raise ValueError("uv.lock names no package")
    return found


def ask(packages: list[tuple[str, str]], url: str = URL) -> dict[tuple[str, str], list[str]]:
    """(name, version) -> ids of its known holes, without those that have none; raises OSError without an answer."""
    queries = [{"package": {"ecosystem": "PyPI", "name": name}, "version": version} for name, version in packages]
    request = urllib.request.Request(
        url, data=json.dumps({"queries": queries}).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        results: list[dict[str, Any]] = json.load(response)["results"]
    pairs = zip(packages, results, strict=True)
    return {package: [hole["id"] for hole in result["vulns"]] for package, result in pairs if result.get("vulns")}


def main(url: str = URL) -> int:
    """Ask, print, and say by the exit status what came of it."""
    packages = locked((PROJECT_ROOT / "uv.lock").read_text(encoding="utf-8"))
    try:
        holes = ask(packages, url)
    except (OSError, ValueError, KeyError) as error:
        host = urllib.parse.urlsplit(url).hostname
        reason = getattr(error, "reason", None) or type(error).__name__
        print(f"Not checked: none of the {len(packages)} packages of uv.lock was looked up.")
        print(f"Missing: a usable answer of {host}, the published list of known holes ({reason}).")
        print("Run `make audit` where that host can be reached over HTTPS (HTTPS_PROXY is used when it is set).")
        return 2
    for (name, version), ids in sorted(holes.items()):
        print(f"{name} {version}: {', '.join(ids)}")
    print(f"{len(packages)} packages, {len(holes)} with known holes.")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
