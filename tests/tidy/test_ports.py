"""The delivery core touches the world through bridge/core/ports.hpp alone, and librdkafka through bridge/kafka alone."""

import re
import unittest

import project

CORE = re.compile(r"bridge/(core|encode|thinning|route|dead_letters)/(?!store)\w+\.[ch]pp$")
WORLD = re.compile(r"boost/asio|boost::asio|librdkafka/|bridge/kafka/(?!error_table)|<thread>|<mutex>|<fstream>|<filesystem>|random_device|posix_files|"
                   r"system_clock|steady_clock::now|localtime|gmtime|::stat\(|std::thread|sleep_for|std::rand\b|::time\(")
RDKAFKA = re.compile(r"#\s*include\s+<librdkafka/")
# The fleet simulation, and the versions and names the gateway tells, are no delivery.
OTHERS_WITH_RDKAFKA = {"gateway/simulate/simulation.cpp", "gateway/api/metrics.cpp", "gateway/api/metrics_kafka.cpp",
                       "gateway/fleet/record.cpp", "gateway/commands/check.cpp", "gateway/commands/version.cpp"}


def world_in(text):
    """Lines of C++ that touch the world, comments aside."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := WORLD.search(re.sub(r"//.*", "", line)):
            yield number, found.group(0)


class Ports(unittest.TestCase):
    def test_nothing_in_a_route_touches_the_world(self):
        core = [path for path in project.files() if CORE.match(path)]
        self.assertGreater(len(core), 30, "the core is not where this test looks")
        bad = [f"{path}:{number}: {what}" for path in core for number, what in world_in(project.read(path))]
        self.assertEqual(bad, [], "\n".join(bad))

    def test_librdkafka_is_included_in_one_folder(self):
        bad = [path for path in project.files() if path.startswith(("bridge/", "gateway/", "sensors/"))
               and path.endswith((".cpp", ".hpp")) and not path.startswith("bridge/kafka/")
               and path not in OTHERS_WITH_RDKAFKA and RDKAFKA.search(project.read(path))]
        self.assertEqual(bad, [])

    def test_the_world_is_recognised(self):
        for line in ("boost::asio::post(io, f);", "#include <librdkafka/rdkafka.h>", "std::random_device{}()", "std::thread t;",
                     "localtime_r(&s, &l);", "log::posix_files()", '#include "bridge/kafka/producer.hpp"'):
            self.assertTrue(list(world_in(line)), line)
        self.assertFalse(list(world_in("int a;  // std::thread")))


if __name__ == "__main__":
    unittest.main()
