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

    def test_every_arrow_folder_exists_and_is_a_target(self):
        for folder in arrows.ARROWS:
            text = project.read(f"{folder}/CMakeLists.txt")
            self.assertRegex(text, r"add_(library|executable)\(", folder)


    def test_there_is_no_circle(self):
        self.assertEqual(arrows.circles(), [])

    def test_every_room_of_the_bridge_has_its_arrows(self):
        rooms = {path.rsplit("/", 1)[0] for path in project.files(".cpp", ".hpp") if path.startswith("bridge/")}
        self.assertEqual(sorted(rooms - set(arrows.ARROWS)), [])


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
