"""What gateways that relay to each other show: certificates of an authority of their own, and a token."""

import hashlib

from harness.certificates import Certificates

TOKEN = "relay-token-0123456789"


class Tls:
    """An authority, a certificate for 127.0.0.1 and one for a client."""

    def __init__(self, folder):
        self.folder = folder
        self.ca, self.other_ca = self.authority("ca"), self.authority("other-ca")
        self.server = self.issue("site", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        self.tokens = folder / "tokens"
        self.tokens.write_text(hashlib.sha256(TOKEN.encode()).hexdigest() + "\n")
        self.token = folder / "token"
        self.token.write_text(TOKEN + "\n")
        self.token.chmod(0o600)

    def authority(self, name):
        Certificates.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN={name}",
                             "-keyout", self.folder / f"{name}.key", "-out", self.folder / f"{name}.pem")
        return self.folder / f"{name}.pem"

    def issue(self, name, extension=None):
        key, certificate = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        Certificates.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN={name}", "-CA", self.ca,
                             "-CAkey", self.folder / "ca.key", "-addext", "basicConstraints=critical,CA:FALSE",
                             *(["-addext", extension] if extension else []), "-keyout", key, "-out", certificate)
        key.chmod(0o600)
        return f'cert_file = "{certificate}"\nkey_file = "{key}"\n'
