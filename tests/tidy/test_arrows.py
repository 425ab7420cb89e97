import unittest

import arrows
import project


class Arrows(unittest.TestCase):
    def test_no_include_goes_against_an_arrow(self):
        found = [v for path in project.files(".cpp", ".hpp")
                 for v in arrows.include_violations(path, project.read(path), project.exists)]
        self.assertEqual(found, [], "\n".join(found))

    def test_no_target_links_against_an_arrow(self):
        found = list(arrows.link_violations({p: project.read(p) for p in project.files("CMakeLists.txt")}))
        self.assertEqual(found, [], "\n".join(found))

    def test_every_hall_and_every_room_beside_the_gateways_is_a_target(self):
        for folder in arrows.ARROWS:
            if not folder.startswith("gateway/"):
                self.assertRegex(project.read(f"{folder}/CMakeLists.txt"), r"add_(library|executable)\(", folder)

    def test_there_is_no_circle(self):
        self.assertEqual(arrows.circles(), [])

    def test_every_folder_with_code_has_its_arrows(self):
        folders = {path.rsplit("/", 1)[0] for path in project.files(".cpp", ".hpp") if path.startswith(arrows.HALLS)}
        self.assertEqual(sorted(folders ^ set(arrows.ARROWS)), [])

    def test_every_arrow_is_used(self):
        pairs = {pair for path in project.files(".cpp", ".hpp") for pair in arrows.folder_pairs(path, project.read(path))}
        self.assertEqual(arrows.unused(pairs), [])

    def test_the_drawing_is_the_one_of_the_manual(self):
        self.assertTrue("```\n" + arrows.drawing() + "```\n" in project.read("docs/architecture.md"),
                        "docs/architecture.md shows another drawing than `python3 tests/tidy/arrows.py` prints")


class TheCheckItself(unittest.TestCase):
    def violations(self, path, text):
        return list(arrows.include_violations(path, text, lambda p: True))

    def test_sees_an_include_against_an_arrow_with_its_line(self):
        found = self.violations("bridge/log/writer.cpp", '#include <vector>\n\n#include "sensors/sink.hpp"\n')
        self.assertEqual(found, ["bridge/log/writer.cpp:3: bridge/log/ may not use sensors/ (sensors/sink.hpp)"])

    def test_lets_delivery_read_readings_but_not_sources(self):
        self.assertEqual(self.violations("bridge/encode/a.cpp", '#include "sensors/reading/reading.pb.h"\n'), [])
        self.assertEqual(len(self.violations("bridge/encode/a.cpp", '#include "sensors/sink.hpp"\n')), 1)

    def test_holds_unit_tests_to_the_arrows_of_their_folder(self):
        self.assertEqual(self.violations("tests/unit/gateway/t.cpp", '#include "bridge/log/log.hpp"\n'), [])
        self.assertEqual(len(self.violations("tests/unit/sensors/t.cpp", '#include "bridge/log/log.hpp"\n')), 1)

    def test_knows_the_rooms_of_a_hall(self):
        self.assertEqual(len(self.violations("gateway/status/a.cpp", '#include "gateway/app/app.hpp"\n')), 1)
        self.assertEqual(len(self.violations("sensors/decoders/a.cpp", '#include "sensors/mapping/apply.hpp"\n')), 1)
        self.assertEqual(self.violations("sensors/mapping/a.cpp", '#include "sensors/decoders/json.hpp"\n'), [])

    def test_finds_an_arrow_that_nothing_uses(self):
        self.assertIn(("gateway", "gateway/cli"), arrows.unused({("gateway", "gateway/output")}))

    def test_keeps_kafka_out_of_the_log_and_the_sources(self):
        text = "#include <librdkafka/rdkafka.h>\n"
        self.assertEqual(len(self.violations("bridge/log/log.cpp", text)), 1)
        self.assertEqual(len(self.violations("sensors/mqtt.cpp", text)), 1)
        self.assertEqual(len(self.violations("bridge/route/stream.cpp", text)), 1)
        self.assertEqual(self.violations("bridge/kafka/producer.cpp", text), [])

    def test_wants_paths_from_the_root(self):
        found = list(arrows.include_violations("bridge/a.cpp", '#include "b.hpp"\n', lambda p: False))
        self.assertEqual(found, ['bridge/a.cpp:1: "b.hpp" is not a path from the project\'s root'])

    def test_sees_a_link_line_against_an_arrow(self):
        found = list(arrows.link_violations({
            "bridge/CMakeLists.txt": "add_library(weather_bridge INTERFACE)",
            "sensors/CMakeLists.txt": "add_library(weather_sensors a.cpp)\n"
                                      "target_link_libraries(weather_sensors PUBLIC\n  weather_bridge)",
        }))
        self.assertEqual(len(found), 1)


if __name__ == "__main__":
    unittest.main()
