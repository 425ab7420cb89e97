"""Which folder may use which: the arrows of the design, for includes and for CMake's link lines.

Run by itself it prints the drawing of docs/architecture.md.
"""

import re

# A folder and the folders it may use, which stand above it: so there is no circle. `sensors/*` is every folder of sensors/.
TABLE = """
bridge/log:
sensors/budget:
sensors/reading:
sensors/access: sensors/reading
sensors: sensors/reading sensors/access
sensors/toml: sensors/reading
sensors/i2c: sensors/reading
sensors/decoders: sensors/reading sensors
sensors/listener: sensors/budget sensors/reading sensors/access sensors
sensors/sources: sensors/budget sensors/reading sensors/access sensors sensors/decoders
sensors/http: sensors/budget sensors/reading sensors/access sensors sensors/decoders sensors/sources
sensors/pulse: sensors/reading sensors sensors/sources
sensors/buses: sensors/reading sensors sensors/sources sensors/toml
sensors/mapping: sensors/reading sensors sensors/decoders sensors/toml
sensors/quality: sensors/reading sensors sensors/toml
sensors/bluetooth: sensors/reading sensors sensors/sources sensors/mapping
sensors/csv: sensors/reading sensors sensors/decoders sensors/mapping
sensors/lorawan: sensors/reading sensors sensors/decoders sensors/toml sensors/mapping
sensors/sparkplug: sensors/budget sensors/reading sensors sensors/decoders sensors/toml sensors/mapping
bridge/proxy:
bridge/http_client: bridge/proxy
bridge/registry: bridge/log bridge/proxy bridge/http_client
bridge/options: bridge/registry
bridge/oauth: bridge/proxy bridge/http_client bridge/options
bridge/encode: bridge/log sensors/reading bridge/options
bridge/thinning: bridge/log sensors/reading bridge/options bridge/encode
bridge/core: bridge/log bridge/proxy bridge/registry bridge/options bridge/encode
bridge/dead_letters: bridge/log sensors/reading bridge/encode bridge/core
bridge/kafka: sensors/reading bridge/proxy bridge/options bridge/oauth bridge/encode bridge/core
bridge/relay: bridge/log bridge/proxy bridge/http_client bridge/options bridge/encode bridge/core
bridge/cli_client: sensors/reading bridge/options bridge/encode bridge/core bridge/kafka
bridge/route: bridge/log sensors/reading bridge/proxy bridge/options bridge/encode bridge/thinning bridge/core bridge/dead_letters bridge/kafka
bridge: bridge/log bridge/options bridge/core bridge/dead_letters bridge/kafka bridge/relay bridge/route
gateway/output: bridge/log sensors/reading bridge/kafka
gateway/process: bridge/oauth
gateway/downlink: bridge/log sensors/reading bridge/http_client bridge/oauth gateway/output
gateway/device: gateway/output
gateway/clock: bridge/log sensors/reading bridge/encode
gateway/config: bridge/log sensors/* bridge/proxy bridge/http_client bridge/registry bridge/options bridge/encode bridge/kafka gateway/downlink
gateway/control: gateway/output gateway/config
gateway/http: sensors/budget sensors/reading sensors/access sensors/listener sensors/sources sensors/http gateway/config
gateway/doctor: bridge/log sensors/reading sensors/sources sensors/pulse sensors/buses sensors/bluetooth bridge/proxy bridge/options bridge/encode bridge/core bridge/kafka bridge/relay gateway/output gateway/clock gateway/config
gateway/status: bridge/log sensors/reading bridge/options bridge/oauth bridge gateway/output gateway/device gateway/doctor
gateway/top: sensors/reading gateway/output gateway/status
gateway/init: bridge/log sensors/reading sensors/decoders sensors/listener sensors/pulse sensors/buses sensors/mapping sensors/bluetooth bridge/oauth gateway/output gateway/doctor gateway/status
gateway/card: bridge/log sensors/reading sensors/toml sensors/csv bridge/http_client gateway/process gateway/config gateway/init
gateway/update: bridge/log bridge/http_client bridge/oauth gateway/output gateway/process gateway/config gateway/control gateway/card
gateway/fleet: bridge/log bridge/options bridge/kafka gateway/output gateway/config gateway/status
gateway/ingest: bridge/log sensors/budget sensors/reading sensors sensors/sources sensors/quality bridge/relay gateway/output gateway/clock gateway/status
gateway/web: bridge/log sensors/reading gateway/output gateway/http gateway/status gateway/ingest
gateway/app: sensors/* bridge/* gateway/output gateway/device gateway/clock gateway/config gateway/http gateway/doctor gateway/status gateway/fleet gateway/ingest gateway/downlink
gateway/api: bridge/log sensors/reading sensors/access bridge/dead_letters bridge/kafka gateway/output gateway/config gateway/http gateway/doctor gateway/status gateway/web gateway/app
gateway/demo: sensors/decoders bridge/kafka bridge/cli_client gateway/output gateway/config gateway/status gateway/app
gateway/simulate: bridge/log sensors/reading bridge/options bridge/encode bridge/core bridge/kafka bridge/route gateway/output gateway/device gateway/config gateway/status gateway/demo
gateway/commands: bridge/log sensors/reading sensors/decoders sensors/sources sensors/mapping bridge/options bridge/oauth bridge/kafka bridge/cli_client gateway/output gateway/config gateway/control gateway/http gateway/doctor gateway/status gateway/top gateway/init gateway/app gateway/api gateway/demo gateway/simulate gateway/process gateway/downlink gateway/card gateway/update
gateway/cli: sensors/reading gateway/output gateway/config gateway/commands
gateway: gateway/output gateway/cli
"""


def parsed(table):
    """Folder -> the folders it may use, in the table's order."""
    rows = [line.split(":") for line in table.strip().splitlines()]
    names = [folder for folder, _ in rows]
    return {folder: [name for word in used.split()
                     for name in ([n for n in names if n == word[:-2] or n.startswith(word[:-1])] if word.endswith("/*") else [word])]
            for folder, used in rows}


ARROWS = parsed(TABLE)
HALLS = ("gateway", "bridge", "sensors")

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


def hall_of(folder):
    return folder.split("/")[0]


def subject_of(path):
    """The folder whose arrows hold for `path`: its own, and for tests/unit/x that of x or a hall's x."""
    mirrored = re.match(r"tests/unit/([^/]+)/", path)
    if not mirrored:
        return folder_of(path)
    name = mirrored.group(1)
    return next((folder for folder in (name, f"sensors/{name}", f"bridge/{name}") if folder in ARROWS), None)


def allowed(path):
    """What `path` may use besides its own folder; a test, all that its hall's folders may, and these."""
    subject = subject_of(path)
    if not path.startswith("tests/"):
        return ARROWS[subject]
    rooms = [folder for folder in ARROWS if hall_of(folder) == hall_of(subject)]
    return rooms + [used for room in rooms for used in ARROWS[room]]


def circles():
    """Arrows to a folder that does not stand above the one it starts from."""
    order = list(ARROWS)
    return [(folder, used) for folder in ARROWS for used in ARROWS[folder] if order.index(used) >= order.index(folder)]


def unused(includes):
    """Arrows that no include needs. `includes`: pairs of folders."""
    return [(line.split(":")[0], used) for line in TABLE.strip().splitlines() for used in line.split(":")[1].split()
            if not used.endswith("/*") and (line.split(":")[0], used) not in includes]


def drawing():
    """Each hall's folders, floor by floor, with the arrows that do not follow from others."""
    def behind(folder):
        return {b for used in ARROWS[folder] for b in {used} | behind(used)}

    def name(folder, hall):
        return folder[len(hall) + 1:] or folder

    lines = []
    for hall in HALLS:
        rooms = [folder for folder in ARROWS if hall_of(folder) == hall]
        floor = {}
        for room in rooms:
            floor[room] = 1 + max((floor[used] for used in ARROWS[room] if hall_of(used) == hall), default=-1)
        outside = sorted({hall_of(used) for room in rooms for used in ARROWS[room]} - {hall})
        lines.append(f"{hall}/" + (f" ──▶ {', '.join(outside)}" if outside else ""))
        for room in sorted(rooms, key=lambda r: (-floor[r], r)):
            inside = [used for used in ARROWS[room] if hall_of(used) == hall]
            direct = [name(used, hall) for used in inside if not any(used in behind(other) for other in inside)]
            arrow = f" ──▶ {', '.join(direct)}" if direct else ""
            lines.append(f"  {floor[room]}  {name(room, hall)}{arrow}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def may_include(path, subject, folders):
    """A folder of a hall that may; a test, what one of its hall's folders may."""
    return any(subject == f or subject.startswith(f + "/") or (path.startswith("tests/") and hall_of(f) == hall_of(subject))
               for f in folders)


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
            if not subject or not target or target == subject or target in link_arrows(subject):
                continue
            if folder_of(path) != target:  # a folder may hang its library on its hall's
                yield f"{path}: {name} of {subject}/ may not link {library} of {target}/"


def link_arrows(subject):
    """The library of gateway/ is that of all its folders."""
    folders = [folder for folder in ARROWS if hall_of(folder) == "gateway"] if subject == "gateway" else [subject]
    return {used for folder in folders for used in ARROWS[folder]}


def folder_pairs(path, text):
    """Which folders the includes of one C++ file join."""
    for _, included in INCLUDE.findall(text):
        if folder_of(path) and folder_of(included):
            yield folder_of(path), folder_of(included)


if __name__ == "__main__":
    print(drawing(), end="")
