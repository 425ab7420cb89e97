"""An identity provider of the test's own: tokens, their keys as a broker asks for them, and what a person may break about it."""

import base64
import email.utils
import http.server
import json
import ssl
import threading
import time
import unittest
import urllib.parse
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from harness import suite

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BEARER_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def private_pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def new_key(algorithm="RS256"):
    return rsa.generate_private_key(65537, 2048) if algorithm == "RS256" else ec.generate_private_key(ec.SECP256R1())


class Identity:
    """`asked`: the forms that asked for a token, with what the header said. Attributes say what the next token is like."""

    def __init__(self, client="alice", secret="the-secret-of-alice", tls=None):
        self.client, self.secret = client, secret
        self.life, self.audience, self.subject, self.not_before = 3600, "kafka", client, 0
        self.answer = None  # (status, body) in place of a token
        self.assertion_key = None  # the public key of the client's assertions
        self.asked = []
        self.clock = 0  # by how much its Date header is off
        self.port = suite.free_port()
        self._tls = tls
        self.scheme = "https" if tls else "http"
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"
        self.token_url, self.keys_url = f"{self.url}/token", f"{self.url}/keys"
        self.rotate()
        self._server = None
        self.up()
        unittest.addModuleCleanup(self.down)

    def rotate(self):
        """Another key; the one before is known no more."""
        self._key, self._key_id = new_key(), uuid.uuid4().hex

    def up(self):
        if self._server:
            return self
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def down(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def token(self, life=None, **claims):
        now = int(time.time())
        whole = {"iss": "https://identity.test", "sub": self.subject, "aud": self.audience, "iat": now, "scope": "weather",
                 "exp": now + (self.life if life is None else life), "jti": uuid.uuid4().hex, **claims}
        if self.not_before:
            whole["nbf"] = now + self.not_before
        return jwt.encode(whole, self._key, algorithm="RS256", headers={"kid": self._key_id})

    def _keys(self):
        numbers = self._key.public_key().public_numbers()

        def coded(number):
            return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self._key_id,
                          "n": coded(numbers.n), "e": coded(numbers.e)}]}

    def _refusal(self, form, authorization):
        """Why this client gets no token; None: it does."""
        if form.get("grant_type") == BEARER_GRANT or form.get("client_assertion_type") == ASSERTION:
            try:
                claims = jwt.decode(form.get("assertion") or form["client_assertion"], self.assertion_key,
                                    algorithms=["RS256", "ES256"], audience=self.token_url)
            except jwt.PyJWTError as error:
                return 401, {"error": "invalid_client", "error_description": str(error)}
            good = claims["iss"] == claims["sub"] == self.client and claims["exp"] - claims["iat"] <= 300
            return None if good and claims["jti"] else (401, {"error": "invalid_client"})
        basic = base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
        posted = form.get("client_id") == self.client and form.get("client_secret") == self.secret
        if authorization != f"Basic {basic}" and not posted:
            # Some servers say back what they were told.
            return 401, {"error": "invalid_client", "error_description": f"no client with {form.get('client_secret')}"}
        return None if form.get("grant_type") == "client_credentials" else (400, {"error": "unsupported_grant_type"})

    def _handler(self):
        identity = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def date_time_string(self, timestamp=None):
                return email.utils.formatdate(time.time() + identity.clock, usegmt=True)

            def log_message(self, *_):
                pass

            def say(self, status, body, kind="application/json"):
                text = body if isinstance(body, str) else json.dumps(body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def do_GET(self):
                self.say(200, identity._keys())

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode(), strict_parsing=True))
                identity.asked.append({**form, "Host": self.headers["Host"]})
                refusal = identity.answer or identity._refusal(form, self.headers.get("Authorization"))
                self.say(*(refusal or (200, {"access_token": identity.token(), "token_type": "Bearer",
                                             "expires_in": identity.life})))
        return Handler


def broker(identity, properties, reauthenticate_ms=0):
    """Writes the broker's side into a file for KAFKA_PROPERTIES, and gives the environment of Kafka()."""
    listener = "listener.name.sasl_ssl."
    properties.write_text(f"""\
{listener}sasl.enabled.mechanisms=OAUTHBEARER,PLAIN
{listener}oauthbearer.sasl.server.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
{listener}oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
{listener}oauthbearer.connections.max.reauth.ms={reauthenticate_ms}
sasl.oauthbearer.jwks.endpoint.url={identity.keys_url}
sasl.oauthbearer.expected.audience=kafka
sasl.oauthbearer.expected.issuer=https://identity.test
""")
    return {"KAFKA_PROPERTIES": str(properties), "KAFKA_USERS": "alice=alice-secret bob=bob-secret",
            "KAFKA_JVM": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 "
                         f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={identity.keys_url}"}
