"""The files of the project, found in its folders: neither git nor a build tree is asked."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = ("build", ".git", ".cache", "__pycache__")
CODE = {".cpp", ".hpp", ".py", ".sh", ".cmake", ".proto", ".js", ".css", ".html", ".S"}


def _walk(folder):
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink():
            continue
        if entry.is_dir():
            if entry.name not in SKIPPED and not entry.name.startswith("build-"):
                yield from _walk(entry)
        else:
            yield entry


def files(*suffixes):
    """Paths of the project's files relative to its root, those with one of `suffixes` if given."""
    return [
        str(path.relative_to(ROOT))
        for path in _walk(ROOT)
        if not suffixes or path.suffix in suffixes or path.name in suffixes
    ]


def is_script(path):
    """True for a file without suffix that starts with #! (a makefile is none: it needs its tabs)."""
    with open(ROOT / path, "rb") as file:
        first = file.readline()
    return "." not in pathlib.Path(path).name and first.startswith(b"#!") and b"make" not in first


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def exists(path):
    return (ROOT / path).is_file() or (path.endswith(".pb.h") and (ROOT / (path[:-5] + ".proto")).is_file())
