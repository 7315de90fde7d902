"""What is wrong with a YAML file, by line and column: what stands there may be a secret."""

import re

import yaml

# A single sign, or the parser's name of what it met; anything longer is the file's.
QUOTED = re.compile(r"'(?!<[\w ]+>'|\\?.').{2,}'|\"(?!.\").{2,}\"")


def yaml_fault(error: Exception) -> tuple[str, str]:
    """Why a file cannot be read, in words that quote none of it, and the line and column if known.

    error: of yaml.safe_load, or of decoding the text.
    """
    match error:
        case yaml.MarkedYAMLError(problem_mark=yaml.Mark() as mark):
            why = QUOTED.sub("***", str(error.problem).splitlines()[0])
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
            return "a value is not what its form promises, a day or a number", ""
