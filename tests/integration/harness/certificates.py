"""Client certificates signed by the authority of a Kafka with KAFKA_USERS."""

import os
import subprocess


class Certificates:
    """`ca`: what clients trust. issue() makes or renews NAME.crt and NAME.key in a folder of the test's own."""

    def __init__(self, kafka, folder):
        self._authority = kafka.folder / "tls"
        self._folder = folder
        self.ca = self._authority / "ca.crt"

    def issue(self, name, days=30):
        """A new key and certificate under the same two names, as renewals do; days 0: it has expired already."""
        certificate, key = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        request, new_key, new_certificate = (self._folder / f"{name}.{kind}" for kind in ("csr", "new-key", "new-crt"))
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", new_key, "-subj", f"/CN={name}", "-out", request)
        self.openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self._authority / "ca.key",
                      "-set_serial", str(int.from_bytes(os.urandom(8), "big")), "-days", str(days), "-out", new_certificate)
        os.replace(new_key, key)
        os.replace(new_certificate, certificate)
        return {"security.protocol": "SSL", "ssl.ca.location": self.ca, "ssl.certificate.location": certificate,
                "ssl.key.location": key}

    @staticmethod
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
