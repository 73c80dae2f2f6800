"""The categories that a finding can have: their names, words and severity.

A name is a path: ``text.phone`` is a ``text``. Whatever asks about a category it does
not know walks up the path and ends at ``*``, which is treated as the worst.

Severity, 0..1, is the risk that one large, certain finding of the category alone
stands for. The order follows what people say they would not share (Orekondy et al.,
"Towards a Visual Privacy Advisor", ICCV 2017: credentials and documents first, faces
and plates next, everyday objects last).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

COCO = [
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic_light",
    "fire_hydrant",
    "stop_sign",
    "parking_meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports_ball",
    "kite",
    "baseball_bat",
    "baseball_glove",
    "skateboard",
    "surfboard",
    "tennis_racket",
    "bottle",
    "wine_glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot_dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "couch",
    "potted_plant",
    "bed",
    "dining_table",
    "toilet",
    "tv",
    "laptop",
    "mouse",
    "remote",
    "keyboard",
    "cell_phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy_bear",
    "hair_drier",
    "toothbrush",
]
"""COCO's 80 classes in their order (Lin et al., ECCV 2014), with underscores."""

NUDITY_PARTS = [
    "female_genitalia",
    "male_genitalia",
    "anus",
    "female_breast",
    "buttocks",
]
"""Exposed parts that NudeNet tells and that are treated as nudity."""


@dataclass(frozen=True, slots=True)
class Category:
    """One name of the taxonomy, with the words for one and for many of it."""

    name: str
    one: str
    many: str
    severity: float
    secret: bool = False  # hidden from everyone but the owner until the owner says so


def _object(name: str, severity: float) -> Category:
    words = name.replace("_", " ")
    plural = {"person": "people", "knife": "knives", "mouse": "mice", "bus": "buses"}
    many = plural.get(name) or (
        words
        if name in ("skis", "scissors")
        else words + ("es" if words.endswith(("ss", "ch", "x")) else "s")
    )
    full = "person" if name == "person" else f"object.{name}"
    return Category(full, words, many, severity)


_OBJECT_SEVERITY = {
    "person": 0.25, "laptop": 0.35, "cell_phone": 0.35, "tv": 0.30, "book": 0.10,
    "keyboard": 0.10, "car": 0.12, "motorcycle": 0.12, "bus": 0.05, "truck": 0.08,
    "bicycle": 0.05, "handbag": 0.10, "backpack": 0.08, "suitcase": 0.12, "bed": 0.15,
    "toilet": 0.15, "clock": 0.02, "tie": 0.05, "wine_glass": 0.10, "bottle": 0.03,
    "teddy_bear": 0.08, "stop_sign": 0.03,
}  # fmt: skip

_NAMED = (
    Category("*", "something unknown", "unknown things", 0.9),
    Category("face", "face", "faces", 0.55),
    Category("face.child", "child", "children", 0.65),
    Category("licence_plate", "licence plate", "licence plates", 0.65),
    Category("text", "text", "pieces of text", 0.20),
    Category("text.url", "web address", "web addresses", 0.25),
    Category("text.name_badge", "name badge", "name badges", 0.50),
    Category("text.email", "e-mail address", "e-mail addresses", 0.60),
    Category("text.phone", "phone number", "phone numbers", 0.60),
    Category("text.address", "postal address", "postal addresses", 0.70),
    Category("text.date_of_birth", "date of birth", "dates of birth", 0.70),
    Category("text.id_number", "ID number", "ID numbers", 0.90, secret=True),
    Category("text.iban", "bank account number", "bank account numbers", 0.90, secret=True),
    Category("text.card", "card number", "card numbers", 0.95, secret=True),
    Category("text.password", "password", "passwords", 0.95, secret=True),
    Category("text.passport_mrz", "passport code line", "passport code lines", 0.95, secret=True),
    Category("document", "document", "documents", 0.70),
    Category("document.letter", "letter", "letters", 0.60),
    Category("document.receipt", "receipt", "receipts", 0.40),
    Category("document.screen", "screen with text", "screens with text", 0.50),
    Category("document.medical", "medical paper", "medical papers", 0.85),
    Category("document.id_card", "ID card", "ID cards", 0.90, secret=True),
    Category("document.passport", "passport", "passports", 0.95, secret=True),
    Category("document.bank_card", "bank card", "bank cards", 0.95, secret=True),
    Category("code", "code", "codes", 0.50),
    Category("code.barcode", "barcode", "barcodes", 0.30),
    Category("code.qr", "QR code", "QR codes", 0.50),
    Category("code.qr.login", "QR code that logs one in", "QR codes that log one in", 0.95, secret=True),
    Category("nudity", "nudity", "nudity", 0.90),
    Category("object", "object", "objects", 0.05),
    Category("place", "place that can be recognised", "places that can be recognised", 0.35),
    Category("manual", "region you drew", "regions you drew", 0.80),
)  # fmt: skip

_BY_NAME: dict[str, Category] = {category.name: category for category in _NAMED}
for _name in COCO:
    _entry = _object(_name, _OBJECT_SEVERITY.get(_name, 0.03))
    _BY_NAME[_entry.name] = _entry
for _part in NUDITY_PARTS:
    _words = _part.replace("_", " ")
    _BY_NAME[f"nudity.{_part}"] = Category(f"nudity.{_part}", _words, _words, 0.9)


def all_categories() -> tuple[Category, ...]:
    """Every category that has a name of its own, ``*`` first."""
    return tuple(_BY_NAME.values())


def ancestors(name: str, kind: str = "") -> Iterator[str]:
    """From the narrowest name to ``*``: ``code.qr.login, code.qr, code, *``."""
    path = f"{name}.{kind}" if kind else name
    while path:
        yield path
        path = path.rpartition(".")[0]
    yield "*"


def lookup(name: str, kind: str = "") -> Category:
    """The narrowest category that is known; ``*`` where none is."""
    return next(_BY_NAME[path] for path in ancestors(name, kind) if path in _BY_NAME)


def is_known(name: str) -> bool:
    """Whether the taxonomy has exactly this name."""
    return name in _BY_NAME


def coco_category(index: int) -> str:
    """Category name of COCO's class ``index`` (0..79)."""
    return "person" if COCO[index] == "person" else f"object.{COCO[index]}"
