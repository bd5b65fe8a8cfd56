"""The exception tree of metier. Nothing here imports anything of metier.

    MetierError                 anything metier refuses or fails at; the command line exits with 1
    ├── UsageError              the call itself is wrong; the command line exits with 2
    │   ├── UnknownNameError    no such instruction, workflow, domain ...; suggests close names
    │   ├── ParameterError      a parameter has a value it cannot have
    │   └── DimError            a vector dimension the loaded model cannot give
    ├── InputError              texts or files that cannot be used
    ├── ModelError              a model cannot be found, read or run
    │   ├── ModelNotFoundError
    │   ├── CheckpointError
    │   └── ModelServerError    a model server cannot be reached, or refuses or answers nonsense
    ├── PackError               a domain.yaml or instruction pack breaks the schema
    ├── PluginError             a plugin cannot be loaded, or two collide
    └── MissingExtraError       an optional dependency is not installed

Every error says what failed, why, and what to do next. Its code, its position and the parameters
that its message names are fields, so that Python, the command line and a server word it each.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import FrameType, MappingProxyType
from typing import Any, NamedTuple

from metier.close_names import did_you_mean, known_names

CODES: Mapping[str, str] = MappingProxyType(
    {
        "failed": "Something failed that has no code of its own.",
        "unexpected": "An error that metier did not expect: a bug, of metier or of a plugin.",
        "wrong-call": "The call is wrong: a name, an option or a value has to change.",
        "wrong-encoding": "A text is not in the encoding that was named, or in none that is clear.",
        "unknown-name": "A name that nobody registered; codes end in the kind: `unknown-domain`.",
        "invalid-parameter": "A parameter has a value that it cannot have.",
        "invalid-dim": "The loaded model cannot give vectors of that dimension.",
        "unusable-input": "A text or a file cannot be used as it is.",
        "model-failed": "A model cannot be read or run.",
        "model-not-found": "No model of that name can be had on this machine.",
        "unusable-checkpoint": "A model folder is incomplete, damaged or of an unknown kind.",
        "server-failed": "A model server cannot be reached, or its answer cannot be used.",
        "invalid-pack": "A domain.yaml or an instruction pack breaks the schema.",
        "plugin-failed": "A plugin cannot be loaded, or two of them collide.",
        "missing-extra": "An optional dependency is needed and not installed.",
        "clustering-damaged": "Files of saved groups are missing, or are not what was written.",
        "clustering-mismatch": "Saved groups are used on something else than they were made from.",
        "clustering-not-found": "There are no saved groups in that folder.",
        "field-not-found": "A record has no such field, or none that is known to hold the text.",
        "file-not-readable": "A file that an option names cannot be read.",
        "goal-not-reachable": "No threshold reaches what was stated.",
        "head-damaged": "Files of a head are missing, or are not what was written.",
        "head-mismatch": "A head is used on something else than it has learned from.",
        "head-not-found": "There is no head in that folder.",
        "identifiers-found": "Texts that may hold no identifiers do, in a strict mode.",
        "index-damaged": "Parts of an index are missing, or cannot be what was written.",
        "index-mismatch": "An index was made with something else than it is opened with.",
        "index-not-found": "There is no index at that path.",
        "instruction-too-long": "An instruction leaves no room for a text in what a model reads.",
        "invalid-instruction-id": "A text is not of the form of an instruction id.",
        "key-refused": "A model server does not accept the key, or asks for one.",
        "no-certificates": "The file of certificates that a profile names cannot be read.",
        "no-key": "The variable that a profile names for its key is not set, or holds no key.",
        "no-model-name": "Which model of a server is meant has to be said.",
        "no-reranker": "The Runtime has no reranker.",
        "not-a-collection": "A folder holds texts with labels where queries are needed.",
        "outdated-evidence": "Evidence is about something that has changed since.",
        "output-not-written": "Output cannot be written: it is closed, or the disk is full.",
        "plugin-call-failed": "The code of a plugin failed when it was asked what it brings.",
        "plugin-name-taken": "A plugin of that name is installed.",
        "request-refused": "A model server refuses a request, and repeating it does not help.",
        "splitter-not-found": "No active plugin brings the splitter of a domain.",
        "too-few-examples": "No question of a checklist has two examples.",
        "too-few-texts": "There are too few texts to tell what was asked from chance.",
        "too-many-groups": "A column has too many different values to be compared as groups.",
        "unknown-pack-domain": "A pack extends a domain that nothing brings.",
        "unknown-workflow-domain": "No plugin brings the domain of a workflow.",
        "unusable-plugin": "A plugin that is needed is not active.",
        "vault-damaged": "A file is no vault of replacements, or it is damaged.",
        "value-not-readable": "A value of a column is no date or number, as is needed.",
    }
)
"""What each code means. Codes do not change between releases; messages may."""


@dataclass(frozen=True, slots=True)
class ErrorPosition:
    """The position in the input that an error is about. All fields are optional.

    Attributes:
        source: a file, or what the caller named the input.
        line: line in the source, counted from 1.
        column: column in the line, counted from 1.
        row: row of a table or a list of records, counted from 1.
        index: index of a text in the list that was passed, counted from 0.
        parameter: the parameter that has the wrong value.
    """

    source: str | None = None
    line: int | None = None
    column: int | None = None
    row: int | None = None
    index: int | None = None
    parameter: str | None = None

    def __str__(self) -> str:
        """As messages show it, such as `loans.csv, line 3, column 4` or `text 3`."""
        parts = [self.source] if self.source is not None else []
        numbers = {"line": self.line, "column": self.column, "row": self.row, "text": self.index}
        parts += [f"{name} {number}" for name, number in numbers.items() if number is not None]
        return ", ".join(parts) or f"parameter {self.parameter!r}"

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class Problem(NamedTuple):
    """One of several mistakes that an error lists: a sentence, and its position if it has one."""

    what: str
    position: ErrorPosition | None = None

    def __str__(self) -> str:
        return self.what if self.position is None else f"{self.position}: {self.what}"


class ErrorMessage(NamedTuple):
    """The three parts of a message, placeholders filled in."""

    what: str
    why: str | None
    fix: str | None


Spelling = Callable[[str, object], str]
"""From a parameter's name and value to how it is written; the value `...` stands for any."""


def spell_in_python(name: str, value: object) -> str:
    """A parameter as a keyword argument: `rebuild=True`, `reranker=...`."""
    return f"{name}=..." if value is ... else f"{name}={value!r}"


class MetierError(Exception):
    """Base of all errors metier raises on purpose.

    In the three texts `$position` stands for the position, and the name of one of `parameters`
    after a `$` for that parameter with its value: `"Build it again with $rebuild."` reads
    `Build it again with rebuild=True.` in Python and `Build it again with --rebuild.` on the
    command line.

    Args:
        what: one sentence that says what failed, names quoted.
        why: the usual cause, if there is more to say than `what`.
        fix: what to do or type next.
        code: a key of `CODES`; None for the code of the class.
        position: the position in the input that the error is about.
        parameter: the parameter that has the wrong value, in place of a position.
        parameters: the parameters that the texts name, with the values to pass; `...` for a value
            that the caller chooses.
        problems: the mistakes that `what` lists, one by one, where there are several.
    """

    exit_code = 1
    code: str = "failed"

    def __init__(
        self,
        what: str,
        *,
        why: str | None = None,
        fix: str | None = None,
        code: str | None = None,
        position: ErrorPosition | None = None,
        parameter: str | None = None,
        parameters: Mapping[str, object] | None = None,
        problems: Iterable[Problem] = (),
    ) -> None:
        self._texts: tuple[str, str | None, str | None] = (what, why, fix)
        if code is not None:
            self.code = code
        if parameter is not None:
            position = ErrorPosition(parameter=parameter)
        self.position = position
        self.parameters = dict(parameters or {})
        self.problems = tuple(problems)
        super().__init__()
        self._write()

    def _write(self) -> None:
        self.what, self.why, self.fix = message = self.message()
        self.args = ("\n".join(part for part in message if part),)

    def message(self, spell: Spelling = spell_in_python) -> ErrorMessage:
        """The message with its parameters spelled for those who read it."""
        values = {name: spell(name, value) for name, value in self.parameters.items()}
        if self.position is not None:
            values["position"] = str(self.position)
        what, why, fix = self._texts
        if what.startswith("$position") and self.position and self.position.source is None:
            values["position"] = values["position"].capitalize()
        return ErrorMessage(
            _filled(what, values), why and _filled(why, values), fix and _filled(fix, values)
        )

    def move(self, index_of: Callable[[int], int]) -> None:
        """Change the index of the text: from its index in a part to that in the whole list."""
        if self.position is not None and self.position.index is not None:
            self.position = replace(self.position, index=index_of(self.position.index))
            self._write()

    def add_reason(self, sentence: str) -> None:
        """Add a sentence to `why`, such as what was done before the failure."""
        what, why, fix = self._texts
        self._texts = (what, f"{why} {sentence}" if why else sentence, fix)
        self._write()

    def to_dict(self, spell: Spelling = spell_in_python) -> dict[str, Any]:
        """The error as plain data, for JSON."""
        what, why, fix = self.message(spell)
        return {
            "code": self.code,
            "message": what,
            "why": why,
            "fix": fix,
            "position": self.position and self.position.to_dict(),
            "problems": [
                {"message": problem, "position": position and position.to_dict()}
                for problem, position in self.problems
            ],
        }

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own way calls the class with `args`, which subclasses refuse
        return _restored, (type(self), self.args, self.__dict__)


class UsageError(MetierError):
    """The call is wrong: a name, an option or a value the caller has to change."""

    exit_code = 2
    code = "wrong-call"


class UnknownNameError(UsageError):
    """A name nobody registered. The message lists close names, or a few known ones.

    Args:
        kind: such as `workflow`; the code is `unknown-` and the kind, with hyphens for spaces.
        name: as it was given.
        known: every name there is.
        fix, parameter: as of `MetierError`.
    """

    code = "unknown-name"

    def __init__(
        self,
        kind: str,
        name: str,
        known: Iterable[str],
        *,
        fix: str | None = None,
        parameter: str | None = None,
    ) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(
            f"There is no {kind} {name!r}.",
            why=did_you_mean(name, self.known, limit=3)
            or (self.known and known_names(self.known, limit=12))
            or "None is registered: is the plugin or pack that brings it installed?",
            fix=fix,
            code=f"unknown-{kind.replace(' ', '-')}",
            parameter=parameter,
        )


class ParameterError(UsageError):
    """A parameter of a workflow or a call has a value it cannot have."""

    code = "invalid-parameter"


class DimError(UsageError):
    """A vector dimension the loaded model cannot give."""

    code = "invalid-dim"


class InputError(MetierError):
    """Texts or files that cannot be used as they are."""

    code = "unusable-input"


class ModelError(MetierError):
    """A model cannot be found, read or run."""

    code = "model-failed"


class ModelNotFoundError(ModelError):
    """No model of that name can be had on this machine."""

    code = "model-not-found"


class CheckpointError(ModelError):
    """A model folder is there but incomplete, damaged or of a kind metier does not run."""

    code = "unusable-checkpoint"


class ModelServerError(ModelError):
    """A model server cannot be reached, refuses a request, or answers something unusable."""

    code = "server-failed"


class PackError(MetierError):
    """A domain.yaml or instruction pack breaks the schema."""

    code = "invalid-pack"

    @classmethod
    def listing(cls, problems: Sequence[Problem], *, fix: str | None = None) -> PackError:
        """The error for at least one problem: a line each, and the position of the first."""
        what = "\n".join(map(str, problems))
        return cls(what, position=problems[0].position, fix=fix, problems=problems)


class PluginError(MetierError):
    """A plugin cannot be loaded, or two of them collide."""

    code = "plugin-failed"


class MissingExtraError(MetierError):
    """An optional dependency is needed and not installed."""

    code = "missing-extra"

    def __init__(self, purpose: str, extra: str, package: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed.",
            fix=f"Install it with: pip install 'metier[{extra}]'",
        )


class MetierWarning(UserWarning):
    """Something the caller should know: a cut text, a dimension the model was not trained for.

    The text names its parameters as those of `MetierError` do.
    """

    def __init__(self, text: str, parameters: Mapping[str, object] | None = None) -> None:
        self.parameters = dict(parameters or {})
        super().__init__(text)

    def message(self, spell: Spelling = spell_in_python) -> str:
        """The text with its parameters spelled for those who read it."""
        values = {name: spell(name, value) for name, value in self.parameters.items()}
        return _filled(str(self.args[0]), values)

    def __str__(self) -> str:
        return self.message()


def warn_caller(message: str, *, parameters: Mapping[str, object] | None = None) -> None:
    """Warn with a `MetierWarning` that names the line outside of metier which led here."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _is_ours(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(MetierWarning(message, parameters), stacklevel=level)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$([a-z_]+)", lambda name: values.get(name[1], name[0]), text)


def _is_ours(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__", ""))
    return name.partition(".")[0] == "metier" or name == "contextlib"  # our `with` leads through it


def _restored(kind: type[MetierError], args: tuple[Any, ...], state: dict[str, Any]) -> MetierError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
