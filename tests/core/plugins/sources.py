"""Sources of plugins, one for each hook, and what became of a plugin."""

from __future__ import annotations

from metier.plugins.host import PluginHost

FAMILY = """\
import metier
from metier.models.family import ModelFamily

@metier.hookimpl
def metier_model_families():
    yield ModelFamily("of-{name}", "Folders of {name}", lambda source: False)
"""
READER = """\
import metier

@metier.hookimpl
def metier_readers():
    return [metier.Reader("{name}", (".{name}",), lambda path: iter([]))]
"""
GUARD = """\
import metier

@metier.hookimpl
def metier_before_send(texts, destination):
    return [f"{{text}} {name}@{{destination}}" for text in texts]
"""
OBSERVER = """\
import metier

seen = []

@metier.hookimpl
def metier_run_finished(record):
    seen.append(record.workflow)
"""
IN_CODE = """\
import metier

def domain(name):
    return metier.Domain(
        schema=1, domain=name, title="Made in code", instructions=(
            metier.Instruction(id="find", task="Find what was made", kind="retrieval"),
        ),
        workflows=(
            {{"id": "count", "call": "{package}.work:count", "summary": "Count the texts"}},
        ),
    )

@metier.hookimpl
def metier_domains():
    return [domain("{domain}")]
"""


def status(host: PluginHost, name: str) -> tuple[str, str]:
    return next((one.status, one.reason) for one in host.plugins if one.name == name)


def guard(body: str) -> str:
    return (
        "import metier\n\n@metier.hookimpl\ndef metier_before_send(texts, destination):\n"
        f"    {body}\n"
    )
