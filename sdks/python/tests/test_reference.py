"""The reference's own example, as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from amtia import Client
from conftest import key

TEXT = Path(__file__).parents[2] / "reference-examples.txt"


def example() -> str:
    """The Python example, verbatim."""
    found = re.search(r"^python\n(.*?)^JS$", TEXT.read_text(), re.DOTALL | re.MULTILINE)
    assert found, "the reference holds a Python example"
    return found[1]


def test_the_example_runs_unchanged(tmp_path: Path, viewer: Client, analyst: Client) -> None:
    api_key, secret = key("ANALYST")
    # The two placeholders are what a person replaces; nothing else is touched.
    text = example().replace("your_api_key", api_key).replace("your_secret", secret)
    program = tmp_path / "example.py"
    program.write_text(text)
    before = analyst.incidents.list(q="Intrusion attempt IDS alert detected").total
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == viewer.risks.list().total
    levels = {line.rsplit(": ", 1)[1] for line in lines}
    assert levels <= {"very_low", "low", "medium", "high", "critical", "None"}
    found = analyst.incidents.list(q="Intrusion attempt IDS alert detected")
    assert before is not None and found.total == before + 1
    newest = found.data[0]
    assert (newest.title, newest.severity, newest.description) == ("Intrusion attempt", "high", "IDS alert detected")
