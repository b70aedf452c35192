"""The widget's modules joined into one file as they are served: one request, a third of the bytes, no build step.

The modules in `static/widget/` stay the source and also work when they are served one by one. Joining relies
on the shape they all have: `import { a, b } from "./x.js";` on its own lines, and `export function`,
`export async function`, `export class` or `export const` at the start of a line.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{([^}]+)\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_ANY_MODULE_SYNTAX = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Strings, templates without templates inside, and patterns where one can begin, are kept as they are.
_PIECE = re.compile(
    r"""(?P<kept>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`
    |(?<=[(,=:!&|?\[{};])[ ]?/(?![*/])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*)
    |(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<space>\s+)|(?P<code>[^\s"'`/]+|/)""",
    re.DOTALL | re.VERBOSE,
)
_PUNCTUATION = "{}()[],;:=<>?&|!*"


class BundleError(ValueError):
    """A module has a shape that can't be joined; the message names the file and the line."""


def bundle(folder: Path, entry: str) -> str:
    """The module `entry` of `folder` with everything it imports, as one module with the same exports."""
    done: dict[str, str] = {}
    parts: list[str] = []
    _add(folder, entry, done, parts)
    exports = ", ".join(_exports_of(folder, entry))
    return slim_script("".join(parts) + f"export const {{ {exports} }} = {done[entry]};\n")


def slim_style(text: str) -> str:
    """A stylesheet without comments and the spaces it does not need."""
    text = re.sub(r"\s+", " ", _COMMENT.sub("", text))
    return re.sub(r":\s+", ":", re.sub(r"\s*([{};,>])\s*", r"\1", text)).replace(";}", "}").strip()


def slim_script(text: str) -> str:
    """A script without comments and the spaces it does not need; its statements must end in semicolons."""
    slimmed: list[str] = []
    before, gap = "", ""
    for piece in _PIECE.finditer(text):
        if piece["comment"]:
            continue
        if piece["space"]:
            gap = "\n" if "\n" in piece[0] or gap == "\n" else " "
            continue
        words = piece[0].lstrip(" ")
        if gap == " " and before not in _PUNCTUATION and words[0] not in _PUNCTUATION:
            slimmed.append(" ")
        elif gap == "\n" and before not in "{([,;=>" and words[0] not in "}])." and slimmed:
            slimmed.append("\n")
        slimmed.append(words)
        before, gap = words[-1], ""
    return "".join(slimmed) + "\n"


def _exports_of(folder: Path, name: str) -> list[str]:
    return [match[2] for match in _EXPORT.finditer((folder / name).read_text(encoding="utf-8"))]


def _add(folder: Path, name: str, done: dict[str, str], parts: list[str]) -> None:
    """Append a module after those it imports, each as a function called once that returns its exports."""
    if name in done:
        return
    text = (folder / name).read_text(encoding="utf-8")
    done[name] = f"m{len(done)}"

    def replace_import(match: re.Match[str]) -> str:
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))
        _add(folder, imported, done, parts)
        return f"const {{{match[1]}}} = {done[imported]};\n"

    body = _EXPORT.sub(r"\1", _IMPORT.sub(replace_import, text))
    left = _ANY_MODULE_SYNTAX.search(body)
    if left:
        raise BundleError(f"{name}: can't join `{left[0]}`; write it like the other modules do.")
    exports = ", ".join(match[2] for match in _EXPORT.finditer(text))
    parts.append(f"const {done[name]} = (() => {{\n{body}return {{ {exports} }};\n}})();\n")
