"""What is wrong with a YAML file, by line and column: what stands there may be a secret."""

import re
from typing import Any

import yaml

# A single sign, or the parser's name of what it met; anything longer is the file's.
QUOTED = re.compile(r"(?P<plain>'(?:<[\w ]+>|\\?.)'|\".\")|'.{2,}'|\".{2,}\"")


class _PlacedLoader(yaml.SafeLoader):
    """PyYAML's, but that it tells where a value is which it cannot make anything of."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """The value of a node; what is raised where its tag does not fit it would quote it."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError):
            raise yaml.MarkedYAMLError(
                problem="a value is not what its form promises, a day or a number",
                problem_mark=node.start_mark,
            ) from None


def read_yaml(text: str) -> Any:
    """What YAML says. Raises YAMLError."""
    try:
        return yaml.load(text, _PlacedLoader)  # noqa: S506 - it is a safe one
    except RecursionError:
        raise yaml.YAMLError from None


def yaml_fault(error: Exception) -> tuple[str, str]:
    """Why a file cannot be read, in words that quote none of it, and the line and column if known.

    error: of read_yaml, or of decoding the text.
    """
    match error:
        case yaml.MarkedYAMLError(problem_mark=yaml.Mark() as mark):
            told = str(error.problem).splitlines()[0]
            why = QUOTED.sub(lambda found: found["plain"] or "***", told)
            return why, f"line {mark.line + 1}, column {mark.column + 1}"
        case yaml.reader.ReaderError():
            return (
                "it holds a character that YAML does not allow",
                f"character {error.position + 1}",
            )
        case UnicodeDecodeError():
            before = error.object[: error.start]
            line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
            return "it is not UTF-8", f"line {line}, column {column}"
        case _:
            return "it is nested too deep", ""
