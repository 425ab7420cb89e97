"""Tokens for Amazon's MSK byte for byte against those of Amazon's own signer for Python, and where the gateway finds the keys: they come
out of a real librdkafka on the wire. No MSK is here."""

import base64
import json
import os
import re
import subprocess
import unittest

from harness import cache, suite
from harness.gateway import Gateway, run
from harness.sasl_listener import SaslListener

TOOL = os.environ["WEATHER_MSK_TOKEN"]

# One line of JSON in: a list of [region, Unix time, access key, secret, session token or null]; the tokens out, one a line.
SIGNER = """
import datetime, json, sys
from unittest import mock
from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
from botocore.credentials import CredentialProvider, Credentials

class Given(CredentialProvider):
    def __init__(self, *keys):
        self.keys = keys
    def load(self):
        return Credentials(*self.keys)

for region, time, *keys in json.load(sys.stdin):
    now = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
    with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: now.replace(tzinfo=None)):
        print(MSKAuthTokenProvider.generate_auth_token_from_credentials_provider(region, Given(*keys))[0])
"""


def setUpModule():
    global signer
    python = cache.python_with("msk-signer-1.0.2", "aws-msk-iam-sasl-signer-python==1.0.2", "botocore==1.44.8", "boto3==1.44.8")

    def sign(cases):
        done = subprocess.run([python, "-c", SIGNER], input=json.dumps(cases), capture_output=True, text=True, check=True,
                              timeout=120, env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"})
        return done.stdout.split()
    signer = sign


def url_of(token):
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()


class Bytes(unittest.TestCase):
    def test_any_keys_regions_and_times(self):
        chance = suite.seeded_random()
        letters = "abcXYZ019+/=-._~ %&?\"'"
        cases = []
        for _ in range(400):
            word = lambda low, high: "".join(chance.choices(letters, k=chance.randrange(low, high)))
            cases.append([chance.choice(["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1"]),
                          chance.randrange(0, 2**32), "AKIA" + "".join(chance.choices("ABCDEF234567", k=16)), word(1, 60),
                          chance.choice([None, word(1, 900)])])
        theirs = signer(cases)
        agent = re.search(r"User-Agent=([^&]+)$", url_of(theirs[0])).group(1).replace("%2F", "/")
        lines = ["\t".join([region, str(time), agent, key, secret, session or ""]) for region, time, key, secret, session in cases]
        ours = subprocess.run([TOOL], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual(ours.stdout.split(), theirs)


class Keys(unittest.TestCase):
    """Where they come from. Environment, files and programs as the tools of AWS have them."""

    def setUp(self):
        self.listener = SaslListener()
        self.folder = suite.folder("aws")

    def shown(self, environment=None, **settings):
        """The address that the gateway shows to a broker, and what `check` says of the token."""
        gateway = Gateway(None, self.listener.bootstrap, properties={
            "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER", "sasl.oauthbearer.method": "aws_msk_iam",
            **{f"sasl.oauthbearer.aws.{name}": value for name, value in settings.items()}})
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        checked = run("check", "--json", "--timeout", "3s", "-c", gateway.config,
                      env={**clean, "HOME": str(self.folder), **(environment or {})})
        found = {check["check"]: check for check in json.loads(checked.stdout)["checks"]}["token"]
        for secret in ("secret-of-the-test", "session-of-the-test"):
            self.assertNotIn(secret, checked.stdout + checked.stderr)
        return found, url_of(self.listener.tokens[-1]) if self.listener.tokens else None

    def signed(self, url, region, key, secret, session=None):
        """It is what Amazon's signer makes at the same time, but for who asks."""
        date = re.search(r"X-Amz-Date=(\w+)", url).group(1)
        time = int(subprocess.run(["date", "-u", "+%s", "-d", re.sub(r"(\d{8})T(\d\d)(\d\d)(\d\d)Z", r"\1 \2:\3:\4", date)],
                                  capture_output=True, text=True, check=True).stdout)
        theirs = url_of(signer([[region, time, key, secret, session]])[0])
        self.assertEqual(url.split("&User-Agent=")[0], theirs.split("&User-Agent=")[0])
        self.assertTrue(url.endswith("&User-Agent=weather-gateway"))

    def test_of_the_environment(self):
        found, url = self.shown({"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "secret-of-the-test",
                                 "AWS_SESSION_TOKEN": "session-of-the-test", "AWS_REGION": "eu-west-1"})
        self.assertEqual((found["grade"], "signed for eu-west-1" in found["text"]), ("ok", True), found)
        self.signed(url, "eu-west-1", "AKIA1", "secret-of-the-test", "session-of-the-test")

    def test_of_a_profile_in_the_home_directory(self):
        (self.folder / ".aws").mkdir()
        (self.folder / ".aws" / "credentials").write_text(
            "[default]\naws_access_key_id = AKIA2\naws_secret_access_key = secret-of-the-test\n"
            "[pi]\naws_access_key_id = AKIA3\naws_secret_access_key = secret-of-the-test-3\n")
        (self.folder / ".aws" / "config").write_text("[default]\nregion = us-west-2\n[profile pi]\nregion = sa-east-1\n")
        self.signed(self.shown()[1], "us-west-2", "AKIA2", "secret-of-the-test")
        self.signed(self.shown(profile="pi")[1], "sa-east-1", "AKIA3", "secret-of-the-test-3")
        self.signed(self.shown({"AWS_PROFILE": "pi"}, region="eu-north-1")[1], "eu-north-1", "AKIA3", "secret-of-the-test-3")

    def test_of_a_program(self):
        program = self.folder / "the program"
        keys = {"Version": 1, "AccessKeyId": "ASIA4", "SecretAccessKey": "secret-of-the-test", "SessionToken": "session-of-the-test",
                "Expiration": subprocess.run(["date", "-u", "+%Y-%m-%dT%H:%M:%SZ", "-d", "+5 min"], capture_output=True, text=True,
                                             check=True).stdout.strip()}
        program.write_text(f"#!/bin/sh\n[ \"$1\" = 'for the pi' ] && echo '{json.dumps(keys)}'\n")
        program.chmod(0o755)
        file = self.folder / "keys"
        file.write_text(f'[pi]\ncredential_process = "{program}" \'for the pi\'\nregion = eu-central-1\n')
        found, url = self.shown(profile="pi", **{"credentials.file": file})
        self.assertRegex(found["text"], "lives for another [45] min")  # of 15: the keys end sooner
        self.signed(url, "eu-central-1", "ASIA4", "secret-of-the-test", "session-of-the-test")
        program.write_text("#!/bin/sh\necho 'secret-of-the-test'; exit 3\n")
        self.assertIn("ends with 3", self.shown(profile="pi", **{"credentials.file": file})[0]["text"])

    def test_there_are_none(self):
        found, url = self.shown()
        self.assertEqual((found["grade"], url), ("fault", None))
        self.assertIn("there are no AWS credentials: set AWS_ACCESS_KEY_ID", found["text"])
        found, _ = self.shown({"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "secret-of-the-test"})
        self.assertIn("the AWS region is not known: set sasl.oauthbearer.aws.region", found["text"])


if __name__ == "__main__":
    suite.main()
