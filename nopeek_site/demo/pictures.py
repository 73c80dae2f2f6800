"""Every picture of the demo by name, as the file that a camera would have written."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime

import cv2
import numpy as np
import piexif
from PIL import Image

from nopeek_site.demo import canvas, outdoors, photos, tables
from nopeek_site.demo.surfaces import Scene

MAKE, MODEL, SERIAL = "Halden", "H-20 Compact", "HC2049-00417"
"""A camera that nobody makes."""
_SIDE = 1600


def _photo(name: str) -> Image.Image:
    """A photo of a package, as large as a camera of today makes it."""
    found = photos.pixels(name)
    scale = _SIDE / max(found.shape[:2])
    size = (round(found.shape[1] * scale), round(found.shape[0] * scale))
    large = cv2.resize(found, size, interpolation=cv2.INTER_LANCZOS4)
    scene = large.astype(np.float32) / 255
    return canvas.finished(canvas.lens(scene, 17, 0.006, 0.06))


def _city() -> Scene | None:
    """The lights behind the car; without a network they are drawn."""
    try:
        return canvas.fitted(photos.pixels("city"), 1600, 1067)
    except photos.PhotoMissing:
        return None


DRAWN: dict[str, Callable[[], Image.Image]] = {
    "desk": tables.desk,
    "lunch": tables.lunch,
    "badge": tables.badge,
    "poster": lambda: tables.poster(None),
    "boarding": tables.boarding,
    "identity": tables.identity,
    "parcel": tables.parcel,
    "fridge": tables.fridge,
    "chat": tables.telephone,
    "login": lambda: tables.telephone(login=True),
    "post": tables.post,
    "sea": outdoors.sea,
    "hills": outdoors.hills,
    "car": lambda: outdoors.car(_city()),
}
"""Drawn in code; ``car`` stands before a photo."""


def names() -> tuple[str, ...]:
    """Every picture there is."""
    return (*DRAWN, *photos.lock())


def image(name: str) -> Image.Image:
    """A picture, RGB, its longer side about 1600 pixels.

    Raises:
        PhotoMissing: it needs a photo that could not be fetched.
    """
    return DRAWN[name]() if name in DRAWN else _photo(name)


def jpeg(name: str, taken: datetime) -> bytes:
    """A picture as a JPEG with all that cameras write into one.

    The same name and time give the same bytes, so uploading twice is found out.
    """
    out = io.BytesIO()
    picture = image(name)
    picture.save(out, "JPEG", quality=93, subsampling=0, exif=_exif(name, taken))
    return out.getvalue()


def _exif(name: str, taken: datetime) -> bytes:
    """Place, time, device and author. The place is out at sea."""
    step = sorted(names()).index(name)
    stamp = taken.strftime("%Y:%m:%d %H:%M:%S")
    found = {
        "0th": {
            piexif.ImageIFD.Make: MAKE,
            piexif.ImageIFD.Model: MODEL,
            piexif.ImageIFD.Software: "Halden Desk 4.1",
            piexif.ImageIFD.DateTime: stamp,
            piexif.ImageIFD.Artist: "Ana Brandt",
        },
        "Exif": {
            piexif.ExifIFD.DateTimeOriginal: stamp,
            piexif.ExifIFD.DateTimeDigitized: stamp,
            piexif.ExifIFD.ExposureTime: (1, 125),
            piexif.ExifIFD.FNumber: (28, 10),
            piexif.ExifIFD.ISOSpeedRatings: 200,
            piexif.ExifIFD.FocalLength: (35, 1),
            piexif.ExifIFD.BodySerialNumber: SERIAL,
            piexif.ExifIFD.LensModel: "Halden 35 mm f/2.8",
        },
        "GPS": {
            piexif.GPSIFD.GPSLatitudeRef: "N",
            piexif.GPSIFD.GPSLatitude: _angle(50.05 + step * 0.0041),
            piexif.GPSIFD.GPSLongitudeRef: "W",
            piexif.GPSIFD.GPSLongitude: _angle(1.02 + step * 0.0073),
            piexif.GPSIFD.GPSDateStamp: taken.strftime("%Y:%m:%d"),
        },
    }
    data: bytes = piexif.dump(found)
    return data


def _angle(degrees: float) -> tuple[tuple[int, int], ...]:
    """Degrees, minutes and seconds as EXIF writes them."""
    whole = int(degrees)
    minutes = (degrees - whole) * 60
    seconds = (minutes - int(minutes)) * 60
    return ((whole, 1), (int(minutes), 1), (round(seconds * 100), 100))
