"""What the documents and the alerts name exists."""

from __future__ import annotations

import ast
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from prometheus_client import REGISTRY

from bench import audit
from bot import metrics
from bot.settings import PROJECT_ROOT
from bot.yaml_files import read_yaml

DOCS = PROJECT_ROOT / "docs"
_TEST_NAME = re.compile(r"`(test_\w+)`")


def tests() -> set[str]:
    found = set()
    for file in (PROJECT_ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_"):
                found.add(node.name)
    return found


@pytest.mark.parametrize("name", ["security.md", "privacy.md", "runbooks.md"])
def test_every_test_a_document_names_exists(name: str) -> None:
    named = set(_TEST_NAME.findall((DOCS / name).read_text(encoding="utf-8")))
    assert named
    assert named <= tests(), sorted(named - tests())


def test_every_threat_names_a_test_that_proves_its_defence() -> None:
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \*\*.*\|$", text, re.MULTILINE)
    assert len(rows) >= 9
    assert not [row for row in rows if not _TEST_NAME.search(row)]


def test_every_alert_asks_for_a_metric_that_exists_and_names_a_section_of_the_runbooks() -> None:
    assert metrics.MESSAGES
    exported = {sample for family in REGISTRY.collect() for sample in _samples(family)}
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.removeprefix("## ").lower()).replace(" ", "-")
        for line in (DOCS / "runbooks.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("## ")
    }
    rules = [rule for group in read_yaml(PROJECT_ROOT / "deploy" / "alerts.yml")["groups"] for rule in group["rules"]]
    assert len(rules) >= 10
    for rule in rules:
        asked = set(re.findall(r"\bbot_\w+", rule["expr"]))
        assert asked <= exported, (rule["alert"], asked - exported)
        page, _, section = rule["annotations"]["runbook"].partition("#")
        assert page == "docs/runbooks.md" and section in headings, rule["alert"]


def _samples(family: object) -> list[str]:
    name, kind = str(family.name), str(family.type)  # type: ignore[attr-defined]
    ends = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(kind, [""])
    return [name + end for end in ends]


def test_the_audit_reads_the_lock_file_reports_holes_and_does_not_call_silence_clean(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            import json

            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            results = [
                {"vulns": [{"id": "PYSEC-0000-1"}]} if query["package"]["name"] == "rasa" else {} for query in queries
            ]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": results}).encode())

        def log_message(self, *_: object) -> None:
            pass

    packages = audit.locked((PROJECT_ROOT / "uv.lock").read_text(encoding="utf-8"))
    assert ("rasa", "3.6.21") in packages and len(packages) > 100
    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert audit.main(f"http://127.0.0.1:{server.server_port}/") == 1
    finally:
        server.shutdown()
        server.server_close()
    assert "rasa 3.6.21: PYSEC-0000-1" in capsys.readouterr().out
    assert audit.main(f"http://127.0.0.1:{server.server_port}/") == 2
    told = capsys.readouterr().out
    assert f"Not checked: none of the {len(packages)} packages" in told
    assert "Missing: a usable answer of 127.0.0.1" in told and "HTTPS" in told
