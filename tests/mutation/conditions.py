"""The conditions of C++ sources, and how each can be wrong. Text alone; clang-format's spaces tell a comparison from a template."""

import re
from dataclasses import dataclass

# What is put in the place of an operator between two spaces.
OPERATORS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&"}
OPERATOR = re.compile(r" (<=|>=|==|!=|&&|\|\||<|>) ")
RETURNED = re.compile(r"\breturn (true|false);")
CONDITION = re.compile(r"\b(if|while) \(")
# A condition that declares a variable cannot be turned round; what follows an initialiser can.
DECLARES = re.compile(r"^\s*(const )?(auto|[\w:<>, ]+)[*&]? [\w\[]+[^=!<>]* = ")
# Comments and what is between quotes.
SILENT = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|^[ \t]*#[^\n]*', re.S | re.M)


@dataclass(frozen=True)
class Mutation:
    path: str
    line: int
    begin: int
    end: int
    new: str
    shown: str

    def applied(self, text):
        return text[:self.begin] + self.new + text[self.end:]

    def __str__(self):
        return f"{self.path}:{self.line}: {self.shown}"


def blanked(text):
    """The text with comments, strings and preprocessor lines as spaces, line breaks kept."""
    return SILENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def closing(text, opening):
    """Where the bracket that opens at `opening` closes."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise ValueError(f"a bracket at {opening} does not close")


def mutations(path, text):
    """Every single change of a condition in `text`, in order."""
    code, found = blanked(text), []

    def add(begin, end, new):
        line = text.count("\n", 0, begin) + 1
        whole = text[text.rfind("\n", 0, begin) + 1:(text.find("\n", end) + 1 or len(text) + 1) - 1].strip()
        old = " ".join(text[begin:end].split())
        shown = f"`{' '.join(whole.split())[:100]}`: `{old}` for `{new}`" if len(old) < 4 else f"`{old[:100]}` turned round"
        found.append(Mutation(path, line, begin, end, new, shown.replace(f"`{old}` for `{new}`", f"`{new}` for `{old}`")))

    for match in OPERATOR.finditer(code):
        line = code[code.rfind("\n", 0, match.start()) + 1:match.end()]
        if "template" not in line and "operator" not in line and "requires" not in line:
            add(match.start(1), match.end(1), OPERATORS[match.group(1)])
    for match in RETURNED.finditer(code):
        add(match.start(), match.end(), f"return {'false' if match.group(1) == 'true' else 'true'};")
    for match in CONDITION.finditer(code):
        opening = match.end() - 1
        end, begin = closing(code, opening), opening + 1
        begin = max(begin, code.rfind(";", begin, end) + 1)
        if not DECLARES.match(code[begin:end]) and code[begin:end].strip() not in ("true", "false"):
            add(begin, end, f" !({text[begin:end].strip()})")
    return sorted(found, key=lambda m: m.begin)
