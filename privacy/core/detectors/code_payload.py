"""What a code's content is good for, in words that do not repeat it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_SCHEMES = {
    "otpauth": "one-time password secret",
    "otpauth-migration": "one-time password secrets",
    "fido": "passkey sign-in",
    "phonefactor": "sign-in request",
    "bankid": "sign-in request",
    "openid": "sign-in request",
    "openid-vc": "sign-in request",
    "openid-credential-offer": "sign-in request",
    "sgnl": "device link",
    "lpa": "eSIM activation",
    "wc": "wallet link",
    "lnurl": "wallet link",
}
_LOGIN_PATH = re.compile(
    r"/(?:login|log-in|signin|sign-in|auth|oauth2?|sso|magic|verify|activate|reset|invite|"
    r"linkdevice|link-device|ra|pair|session)(?:[/._?-]|$)",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"[?&#;](?:access_?|id_?|auth_?|login_?|session_?|refresh_?|api_?)?"
    r"(?:token|key|code|otp|secret|password|passwd|pwd|pin|sig|signature|sid|jwt|ticket|"
    r"hash|nonce|credential)=[^&#]{4,}",
    re.IGNORECASE,
)
_KEYS = re.compile(
    r"^[5KL][1-9A-HJ-NP-Za-km-z]{50,51}$"  # Bitcoin private key, WIF
    r"|^6P[1-9A-HJ-NP-Za-km-z]{56}$"  # BIP 38
    r"|^[xyzt]prv[1-9A-HJ-NP-Za-km-z]{100,}"  # BIP 32
    r"|^nsec1[a-z0-9]{50,}|^(?:0x)?[0-9a-fA-F]{64}$"
    r"|^AGE-SECRET-KEY-1|BEGIN [A-Z ]*PRIVATE KEY"
    r"|^eyJ[\w\-]{10,}\.[\w\-]{10,}"
)
_SEED = re.compile(r"^(?:[a-z]{3,8} ){11}(?:[a-z]{3,8})(?:(?: [a-z]{3,8}){3})*$")
_WHATSAPP = re.compile(r"^[12]@[\w+/=]{20,},")
_PAYMENT = (
    "bitcoin:",
    "ethereum:",
    "upi:",
    "lightning:",
    "bcd\n",
    "spc\n",
    "hct",
    "st00012",
)
_CONTACT = ("begin:vcard", "mecard:", "mailto:", "tel:", "sms", "bizcard:", "geo:")


@dataclass(frozen=True, slots=True)
class Payload:
    """``kind`` refines the category; ``words`` tell the content without repeating it."""

    kind: str
    words: str


def meaning(text: str) -> Payload:
    """Whether a content logs one in, pays, or tells who and where somebody is."""
    plain = text.strip()
    small = plain.lower()
    login = _login(plain, small)
    if login:
        return Payload("login", login)
    if small.startswith(_PAYMENT):
        return Payload("payment", "payment request")
    if small.startswith(_CONTACT):
        return Payload("contact", "contact or place")
    if small.startswith(("begin:vevent", "begin:vcalendar")):
        return Payload("", "calendar entry")
    if re.match(r"https?://|www\.", small):
        return Payload("", "web address")
    return Payload("", f"{len(plain)} characters")


def _login(plain: str, small: str) -> str:
    scheme = small.partition(":")[0]
    if scheme in _SCHEMES and ":" in small:
        return _SCHEMES[scheme]
    if small.startswith("wifi:"):
        fields = re.search(r"(?:^wifi:|(?<!\\);)p:([^;]*)", small)
        return "Wi-Fi password" if fields and fields[1].strip('"') else ""
    if _KEYS.search(plain) or _SEED.match(plain):
        return "private key or wallet seed"
    if _WHATSAPP.match(plain) or small.startswith(("tg://login", "tg:login")):
        return "device link"
    if re.match(r"[a-z][a-z0-9+.\-]*://", small):
        try:
            path = urlsplit(plain).path
        except ValueError:
            path = plain
        if _TOKEN.search(plain) or _LOGIN_PATH.search(path) or _opaque(path):
            return "web address that carries a key"
        if re.match(r"[a-z][\w+.\-]*://[^/@\s]+:[^/@\s]+@", small):
            return "web address with a password"
    return ""


def _opaque(path: str) -> bool:
    """Whether a part of the path is a long random token rather than words."""
    for part in path.split("/"):
        mixed = (
            re.search(r"\d", part)
            and re.search(r"[a-z]", part)
            and (re.search(r"[A-Z]", part) or len(part) >= 32)
        )
        if len(part) >= 24 and mixed and "-" not in part.strip("-")[4:8]:
            return True
    return False
