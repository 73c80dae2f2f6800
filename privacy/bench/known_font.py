"""I5: an attacker who knows font, place, mask and surroundings guesses sign by sign.

He draws each candidate himself, masks it in the same way and keeps what looks most like
the picture that he was given (coordinate descent). What he lacks is the sensor's noise.
Under a zero-bit style all candidates look alike, so he is left with chance; against a
courtesy style he reads.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from privacy.bench.report import Cell, Report, Table
from privacy.core.image import Picture, Pixels
from privacy.core.render import encode, render
from privacy.core.types import ZERO_BIT, Box, Plan, Region, Style, Treatment

HEIGHT, SIZE, PITCH, RIM = 80, 32, 19, 28
INK, PAPER = (18, 20, 30), (236, 236, 228)
NOISE = 4.0  # standard deviation of the sensor's noise, of 255
KEY, HIS_KEY = b"p" * 32, b"a" * 32
ALPHABETS = {"#": "0123456789", "a": "abcdefghijklmnopqrstuvwxyz"}
ALLOWED = 0.05
"""How far above chance the share of signs may lie, as the catalogue has it."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What is written: ``#`` stands for a digit, ``a`` for a letter; the rest is known."""

    name: str
    pattern: str

    @property
    def places(self) -> tuple[int, ...]:
        """Where the attacker has to guess."""
        return tuple(i for i, sign in enumerate(self.pattern) if sign in ALPHABETS)

    @property
    def chance(self) -> float:
        """Share of signs that blind guessing gets right."""
        odds = [1 / len(ALPHABETS[self.pattern[i]]) for i in self.places]
        return round(sum(odds) / len(odds), 4)

    @property
    def width(self) -> int:
        return 2 * RIM + 10 + PITCH * len(self.pattern)

    def filled(self, dice: np.random.Generator) -> str:
        """One secret at random."""
        return "".join(
            str(dice.choice(list(ALPHABETS[s]))) if s in ALPHABETS else s
            for s in self.pattern
        )


SECRETS = (
    Secret("plate", "######"),
    Secret("date", "##.##.####"),
    Secret("card number", "#### #### #### ####"),
    Secret("IBAN", "DE## #### #### #### #### ##"),
    Secret("e-mail", "aaaaaa@aaaaaa.org"),
)


def drawn(text: str, secret: Secret) -> Pixels:
    """Dark signs on a light ground, in a known font and place; (h, w, 3)."""
    coarse = np.random.default_rng(7).integers(60, 190, (6, 8, 3), dtype=np.uint8)
    size = (secret.width, HEIGHT)
    ground = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    image = Image.fromarray(ground)
    pen = ImageDraw.Draw(image)
    pen.rectangle((RIM, 20, secret.width - RIM, 60), fill=PAPER)
    font = ImageFont.load_default(SIZE)
    for number, sign in enumerate(text):
        pen.text((RIM + 5 + PITCH * number, 21), sign, fill=INK, font=font)
    return np.asarray(image)


def planned(style: Style, strength: float, secret: Secret) -> Plan:
    """The sheet that the secret stands on, masked."""
    corners = (float(RIM), 20.0, float(secret.width - RIM), 60.0)
    box = Box.from_pixels(*corners, secret.width, HEIGHT)
    return Plan.of([Region("secret", box, Treatment(style, strength))])


def given(text: str, plan: Plan, secret: Secret, seed: int) -> Pixels:
    """What the site hands out: a noisy photo, masked, as a JPEG."""
    noise = np.random.default_rng(seed).normal(0, NOISE, (HEIGHT, secret.width, 3))
    photo = np.clip(drawn(text, secret) + noise, 0, 255).astype(np.uint8)
    data = encode(render(Picture(photo), plan, KEY), "full", "jpeg")
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def guessed(seen: Pixels, plan: Plan, secret: Secret, sweeps: int = 2) -> str:
    """Coordinate descent over the signs of each place, from the first of each alphabet."""
    target = seen.astype(np.float32)

    def distance(text: str) -> float:
        made = render(Picture(drawn(text, secret)), plan, HIS_KEY)
        return float(((made - target) ** 2).mean())

    best = "".join(ALPHABETS[s][0] if s in ALPHABETS else s for s in secret.pattern)
    for _ in range(sweeps):
        before = best
        for place in secret.places:
            signs = ALPHABETS[secret.pattern[place]]
            tries = [best[:place] + sign + best[place + 1 :] for sign in signs]
            best = min(tries, key=distance)
        if best == before:
            break
    return best


@dataclass(frozen=True, slots=True)
class Outcome:
    """Signs guessed right of ``signs``, and secrets guessed whole of ``count``."""

    right: int
    signs: int
    whole: int
    count: int

    @property
    def share(self) -> float:
        return self.right / self.signs if self.signs else 0.0


def attacked(
    style: Style, strength: float, secret: Secret, count: int, seconds: float = 1e9
) -> Outcome:
    """Guess ``count`` secrets, or as many as ``seconds`` allow."""
    plan = planned(style, strength, secret)
    dice = np.random.default_rng(2024)
    right = whole = tried = 0
    end = time.monotonic() + seconds
    while tried < count and time.monotonic() < end:
        text = secret.filled(dice)
        guess = guessed(given(text, plan, secret, tried), plan, secret)
        right += sum(text[i] == guess[i] for i in secret.places)
        whole += text == guess
        tried += 1
    return Outcome(right, tried * len(secret.places), whole, tried)


def known_font(
    count: int = 200,
    styles: Sequence[Style] = (),
    secrets: Sequence[Secret] = SECRETS,
    strengths: Sequence[float] = (0.0, 0.5, 1.0),
) -> Report:
    """Shares of signs and whole secrets, for each style, kind of secret and strength.

    Zero-bit styles get ``count`` tries and one strength, as theirs changes nothing about
    the inside; courtesy styles get a quarter of them at each strength.
    """
    wanted = tuple(styles) or (*sorted(ZERO_BIT), Style.BLUR, Style.PIXELATE)
    rows: list[tuple[Cell, ...]] = [
        _row(style, strength, secret, count)
        for style, strength in _asked(wanted, strengths)
        for secret in secrets
    ]
    columns = (
        "style", "strength", "secret", "tries", "signs right", "chance", "whole",
        "verdict",
    )  # fmt: skip
    note = f"Held: at most chance + {ALLOWED}, and nothing whole."
    return Report("known-font", [Table("Known font", columns, tuple(rows), note)])


def _asked(
    styles: Sequence[Style], strengths: Sequence[float]
) -> Iterator[tuple[Style, float]]:
    for style in styles:
        for strength in (0.5,) if style in ZERO_BIT else strengths:
            yield style, strength


def _row(style: Style, strength: float, secret: Secret, count: int) -> tuple[Cell, ...]:
    tries = count if style in ZERO_BIT else max(1, count // 4)
    made = attacked(style, strength, secret, tries)
    held = made.share <= secret.chance + ALLOWED and not made.whole
    verdict = "holds" if held else "read"
    figures = (made.count, made.share, secret.chance, made.whole)
    return (style.value, strength, secret.name, *figures, verdict)
