"""Which folder may use which: the arrows of the design, for includes and for CMake's link lines."""

import re

# A folder, and the folders of ours it may use besides itself. The longest prefix of a path decides.
ARROWS = {
    "bridge/log": [],
    "sensors/reading": [],
    "sensors": ["sensors/reading"],
    "bridge/proxy": [],
    "bridge/http_client": ["bridge/proxy"],
    "bridge/registry": ["bridge/http_client", "bridge/log", "bridge/proxy"],
    "bridge/options": ["bridge/registry", "bridge/proxy"],
    "bridge/oauth": ["bridge/http_client", "bridge/options", "bridge/proxy"],
    "bridge/encode": ["bridge/options", "bridge/log", "sensors/reading"],
    "bridge/thinning": ["bridge/encode", "bridge/options", "bridge/log", "sensors/reading"],
    "bridge/core": ["bridge/proxy", "bridge/encode", "bridge/options", "bridge/log", "bridge/registry"],
    "bridge/kafka": ["bridge/proxy", "bridge/oauth", "bridge/core", "bridge/encode", "bridge/options", "bridge/log"],
    "bridge/relay": ["bridge/http_client", "bridge/proxy", "bridge/core", "bridge/encode", "bridge/options", "bridge/log", "bridge/registry"],
    "bridge/dead_letters": ["bridge/core", "bridge/encode", "bridge/log", "sensors/reading"],
    "bridge/route": ["bridge/dead_letters", "bridge/kafka", "bridge/proxy", "bridge/thinning", "bridge/core", "bridge/encode", "bridge/options", "bridge/log",
                     "bridge/registry", "sensors/reading"],
    "bridge/cli_client": ["bridge/kafka", "bridge/proxy", "bridge/core", "bridge/encode", "bridge/options", "sensors/reading"],
    "bridge": ["bridge/route", "bridge/relay", "bridge/dead_letters", "bridge/kafka", "bridge/oauth", "bridge/proxy", "bridge/core", "bridge/encode", "bridge/options",
               "bridge/log", "bridge/registry"],
    "gateway": ["bridge", "bridge/proxy", "bridge/cli_client", "bridge/route", "bridge/relay", "bridge/dead_letters", "bridge/kafka", "bridge/core",
                "bridge/encode", "bridge/options", "bridge/oauth", "bridge/log", "bridge/http_client", "bridge/registry", "sensors", "sensors/reading"],
}

# Libraries that belong to some folders only: the log knows no Kafka, a source knows no Kafka, delivery knows no MQTT, and what
# it decides knows no Kafka.
LIBRARIES = {
    re.compile(r"librdkafka/"): ["bridge/kafka", "gateway"],
    re.compile(r"mqtt/|MQTT"): ["sensors", "gateway"],
    re.compile(r"google/protobuf/"): ["sensors/reading", "sensors", "bridge/dead_letters", "bridge/encode", "gateway"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def folder_of(path):
    """The arrow folder that `path` lies in, or None (tests, tools)."""
    return max((f for f in ARROWS if path.startswith(f + "/")), key=len, default=None)


def subject_of(path):
    """The folder whose arrows hold for `path`: its own, and for tests/unit/x that of x or bridge/x."""
    mirrored = re.match(r"tests/unit/([^/]+)/", path)
    if not mirrored:
        return folder_of(path)
    return next((folder for folder in (mirrored.group(1), "bridge/" + mirrored.group(1)) if folder in ARROWS), None)


def allowed(path):
    """What `path` may use besides its own folder; a test of the bridge, all rooms of it."""
    subject = subject_of(path)
    rooms = [folder for folder in ARROWS if folder.startswith("bridge/")] + ["sensors/reading"]
    return rooms if path.startswith("tests/") and subject.startswith("bridge") else ARROWS[subject]


def circles():
    """Folders that can be reached from themselves along the arrows."""
    def reached(start):
        seen, left = set(), list(ARROWS[start])
        while left:
            folder = left.pop()
            if folder not in seen:
                seen.add(folder)
                left += ARROWS[folder]
        return seen
    return [folder for folder in ARROWS if folder in reached(folder)]


def may_include(path, subject, folders):
    """A test of the bridge may use what one of its rooms may."""
    return subject in folders or (path.startswith("tests/") and any(f.startswith(subject + "/") for f in folders))


def include_violations(path, text, exists):
    """What is wrong with the includes of one C++ file. `exists(path)` knows the files of the project."""
    subject = subject_of(path)
    for match in INCLUDE.finditer(text):
        kind, included = match.groups()
        where = f"{path}:{text.count(chr(10), 0, match.start(2)) + 1}"
        if kind == '"':
            if not exists(included):
                yield f'{where}: "{included}" is not a path from the project\'s root'
                continue
            target = folder_of(included)
            if subject and target and target != subject and target not in allowed(path):
                yield f"{where}: {subject}/ may not use {target}/ ({included})"
        elif subject:
            for library, folders in LIBRARIES.items():
                if library.match(included) and not may_include(path, subject, folders):
                    yield f"{where}: {subject}/ may not use <{included}>"


COMMAND = re.compile(r"\b(add_library|add_executable|target_link_libraries)\s*\(([^)]*)\)", re.S)


def link_violations(cmake_files):
    """What is wrong with the link lines. `cmake_files`: path of each CMakeLists.txt -> its text."""
    home, links = {}, []
    for path, text in cmake_files.items():
        for command, arguments in COMMAND.findall(re.sub(r"#.*", "", text)):
            name, *rest = arguments.split() or [""]
            if command == "target_link_libraries":
                links.append((path, name, rest))
            else:
                home[name] = folder_of(path)
    for path, name, libraries in links:
        subject = home.get(name)
        for library in libraries:
            target = home.get(library)
            if subject and target and target != subject and target not in ARROWS[subject]:
                yield f"{path}: {name} of {subject}/ may not link {library} of {target}/"
