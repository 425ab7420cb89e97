#include "bridge/oauth/jwt.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "bridge/http_client/encoding.hpp"
#include "bridge/oauth/signing.hpp"
#include "bridge/oauth/token.hpp"

namespace weather::oauth {
namespace {

std::string pem_of(EVP_PKEY* key, const char* passphrase = nullptr) {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(memory, key, passphrase ? EVP_aes_256_cbc() : nullptr, passphrase,
                                passphrase ? static_cast<int>(std::string_view(passphrase).size()) : 0,
                                nullptr, nullptr);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(memory, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(memory);
  return pem;
}

struct MadeKey {
  EVP_PKEY* key;
  ~MadeKey() { EVP_PKEY_free(key); }
};

bool verified(EVP_PKEY* key, const std::string& token) {
  const auto dot = token.rfind('.');
  auto signature = http_client::from_base64url(std::string_view(token).substr(dot + 1)).value();
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
    ECDSA_SIG* points = ECDSA_SIG_new();
    const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
    ECDSA_SIG_set0(points, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(points, &der);
    signature.assign(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    ECDSA_SIG_free(points);
  }
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, key);
  const bool good =
      EVP_DigestVerify(digest, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(token.data()), dot) == 1;
  EVP_MD_CTX_free(digest);
  return good;
}

std::string token_with(const std::string& claims) {
  return http_client::to_base64url(R"({"alg":"none"})") + "." + http_client::to_base64url(claims) + ".c2ln";
}

// RFC 4648 10, as base64url without padding, and 5 for the two other letters.
TEST(Encoding, Base64Url) {
  for (const auto& [plain, coded] : {std::pair{"", ""},
                                     {"f", "Zg"},
                                     {"fo", "Zm8"},
                                     {"foo", "Zm9v"},
                                     {"foob", "Zm9vYg"},
                                     {"fooba", "Zm9vYmE"},
                                     {"foobar", "Zm9vYmFy"},
                                     {"\xfb\xff", "-_8"}}) {
    EXPECT_EQ(http_client::to_base64url(plain), coded);
    EXPECT_EQ(http_client::from_base64url(coded), plain);
  }
  EXPECT_EQ(http_client::from_base64url("Zg=="), "f");
  EXPECT_FALSE(http_client::from_base64url("Zm9vY"));
  EXPECT_FALSE(http_client::from_base64url("Zm9+"));
  EXPECT_EQ(http_client::percent_encoded("a b/~+\xc3\xbc"), "a%20b%2F~%2B%C3%BC");
  EXPECT_EQ(http_client::to_hex(std::string_view("\x00\xab", 2)), "00ab");
}

TEST(Jwt, ReadsWhatATokenSaysOfItself) {
  const auto claims = read_claims(token_with(
      R"({"iss":"https://id","sub":"pi-7","aud":["kafka","other"],"exp":1800000000,"nbf":1799999000.5,"iat":1799999000})"));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->expires_s, 1800000000);
  EXPECT_EQ(claims->not_before_s, 1799999000);
  EXPECT_EQ(claims->issued_s, 1799999000);
  EXPECT_EQ(describe(*claims), "audience kafka and other, issuer https://id, subject pi-7");
  EXPECT_EQ(describe(*read_claims(token_with(R"({"aud":"kafka"})"))), "audience kafka");
  EXPECT_EQ(describe(*read_claims(token_with("{}"))), "");
}

TEST(Jwt, WhatIsNoneOrHasOddClaimsIsNoError) {
  for (const auto* token : {"", "opaque", "a.b", "a.b.c.d", "a.!.c", "..", "a.e30x.c"})
    EXPECT_FALSE(read_claims(token)) << token;
  for (const auto* claims : {"[]", "1", "\"x\"", "nonsense"})
    EXPECT_FALSE(read_claims(token_with(claims))) << claims;
  const auto odd = read_claims(token_with(R"({"exp":"soon","nbf":1e300,"iat":null,"aud":7,"sub":[1]})"));
  ASSERT_TRUE(odd);
  EXPECT_FALSE(odd->expires_s || odd->not_before_s || odd->issued_s);
  EXPECT_EQ(describe(*odd), "");
  EXPECT_EQ(describe(*read_claims(token_with("{\"sub\":\"a\\nb\"}"))), "subject a b");
}

TEST(Jwt, AnAssertionHasTheClaimsOfRfc7523) {
  const auto input =
      signing_input({"RS256", "k1", "me", "me", "https://id/token", "id-1", 1000, std::chrono::seconds(300)});
  const auto dot = input.find('.');
  EXPECT_EQ(http_client::from_base64url(input.substr(0, dot)), R"({"alg":"RS256","typ":"JWT","kid":"k1"})");
  EXPECT_EQ(http_client::from_base64url(input.substr(dot + 1)),
            R"({"iss":"me","sub":"me","aud":"https://id/token","iat":1000,"exp":1300,"jti":"id-1"})");
}

// The key of RFC 7515 A.2.1, as PEM.
constexpr auto rfc7515_key = R"(-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh+BYK4uPJtGXO
jS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxL
aYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNn
juygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5
ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkf
toaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHg
VFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyW
PEAeP88vLNO97IjlA7/GQ5sLKMgvfTeXZx9SE+7YwVol2NXOoAJe46sui395IW/G
O+pWJ1O0BkTGoVEn2bKVRUCgu+GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzj
kn439X0M/V51gfpRLI9JYanrC4D4qAdGcopV/0ZHHzQlBjudU2QvXt4ehNYTCBr6
XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl/x/jTj3ccPDVZFD9pIuhLhBOneufuBiB
4cS98l2SR/RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0K
pLttoLhyt3SmqdEf/kgHePDdtzEafpAu+cS191R2JiuoF2yzWXnwFDcqGigp5BNr
0AHQfD8/Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqE
lMGAg+C2V0L4oNXnP7LZcPAZRwKBgQC5A8R+CZW2MvRTLLHzwZkUXV866cff7tx6
kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAP
rq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS/l1OW1EnXUEoEHKl54Xrrz2uNw
kgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7/Ls5bkUp
5u9SN0Ai3Ya6hNnvWJMb7sXQX6U/zyO2M/hTip7tUeh7CXgwo59dkpN75gJLVds2
9+DAncu3KXU4f2Fa+7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf/
evpitUf+4JYbLpvNXWcY052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcG
yoAe9fa65iNqCq+jdw6PVNGo2hxfjSiZ8IIzHdsPXI89//pMjZcQK9r+CCoRjaZj
OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2
tOgrjbcrfvtQJipd+DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd/QJQ3
ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp/gh6A56
03k2+ZQwVK0JKSHuLFkuQ3U=
-----END PRIVATE KEY-----
)";

// RFC 7515 A.2: header, claims and signature of an RS256 token.
TEST(Signing, Rs256AsInRfc7515) {
  const std::string input =
      "eyJhbGciOiJSUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const std::string token = input +
                            ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_"
                            "lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAyn"
                            "RFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_"
                            "eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6"
                            "IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
  EXPECT_EQ(signed_token(input, rfc7515_key, "").value(), token);
  EXPECT_EQ(algorithm_of(rfc7515_key, ""), "RS256");
}

TEST(Signing, Es256IsTwoNumbersOf32Bytes) {
  const MadeKey key{EVP_EC_gen("P-256")};
  for (int i = 0; i < 300; ++i) {  // r or s is shorter than 32 bytes in one of 128
    const auto token = signed_token("head.claims" + std::to_string(i), pem_of(key.key), "").value();
    EXPECT_EQ(http_client::from_base64url(token.substr(token.rfind('.') + 1)).value().size(), 64U);
    ASSERT_TRUE(verified(key.key, token));
  }
  EXPECT_EQ(algorithm_of(pem_of(key.key), ""), "ES256");
}

TEST(Signing, SaysWhatIsWrongWithAKey) {
  const MadeKey p384{EVP_EC_gen("P-384")}, good{EVP_EC_gen("P-256")};
  const auto locked = pem_of(good.key, "open sesame");
  EXPECT_EQ(algorithm_of("nonsense", "").error(), "holds no private key in PEM");
  EXPECT_EQ(algorithm_of(pem_of(p384.key), "").error(),
            "holds neither an RSA key nor one of the curve P-256");
  EXPECT_EQ(algorithm_of(locked, "").error(), "is encrypted, and its passphrase is missing or wrong");
  EXPECT_EQ(signed_token("a.b", locked, "wrong").error(),
            "is encrypted, and its passphrase is missing or wrong");
  EXPECT_EQ(algorithm_of(locked, "open sesame"), "ES256");
}

// RFC 4231 4.3 (test case 2) and FIPS 180-2 B.1.
TEST(Signing, Hashes) {
  EXPECT_EQ(http_client::to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(http_client::to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace weather::oauth
