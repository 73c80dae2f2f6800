"""Sheets that lie on tables: letters, slips, passes, posters. All data is invented.

Telephone numbers are of the ranges that are kept free for fiction, addresses and
people do not exist, and bank details are the specimens that banks publish.
"""

from __future__ import annotations

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from nopeek_site.demo.canvas import bars, shaded, sheet, write
from nopeek_site.demo.canvas import paragraph as lines
from nopeek_site.demo.surfaces import Colour

INK: Colour = (34, 36, 44)
IRIS: Colour = (92, 76, 190)


def code(kind: zxingcpp.BarcodeFormat, content: str, size: int) -> Image.Image:
    """A code with its quiet zone, about ``size`` pixels wide."""
    drawn = zxingcpp.create_barcode(content, kind)
    plain = np.array(drawn.to_image(scale=1))
    grey = plain if plain.ndim == 2 else plain[..., 0]
    scale = max(1, size // grey.shape[1])
    return Image.fromarray(grey.repeat(scale, 0).repeat(scale, 1)).convert("RGBA")


def letter() -> Image.Image:
    """From a housing association: address, customer number, account."""
    page = sheet(1000, 1400, (250, 249, 245))
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 1000, 16), fill=(*IRIS, 255))
    write(page, (80, 70), "Harbour Housing", 44, IRIS, bold=True)
    lines(page, (80, 130), ["3 Quay Street, Westhaven WH1 4QY"], 22, (110, 110, 120))
    lines(
        page, (80, 230), ["Ms Ana Brandt", "12 Harbour Lane", "Westhaven WH1 4BR"], 32
    )
    write(page, (920, 230), "4 May", 28, INK, anchor="ra")
    write(page, (80, 430), "Your rent from June", 36, bold=True)
    y = lines(page, (80, 510), ["Dear Ms Brandt,"], 30)
    bars(page, (80, int(y) + 16, 900, int(y) + 120), 3)
    y += 150
    y = lines(
        page,
        (80, y),
        ["Please pay 742.00 each month to", "IBAN: DE89 3704 0044 0532 0130 00"],
        32,
    )
    y = lines(page, (80, y + 20), ["Questions? 020 7946 0958", "rent@harbour-housing.example.org"], 30)  # fmt: skip
    bars(page, (80, int(y) + 20, 900, int(y) + 190), 4)
    write(page, (80, 1250), "M. Keel", 52, (40, 60, 140))
    return shaded(page, 11)


def receipt() -> Image.Image:
    """A lunch for two, paid by card."""
    page = sheet(520, 1120, (252, 251, 248))
    write(page, (260, 50), "CAFE LANTERN", 42, bold=True, anchor="ma")
    for row, words in enumerate(["7 Mill Road, Westhaven", "Tel 020 7946 0417"]):
        write(page, (260, 112 + 36 * row), words, 25, anchor="ma")
    pen = ImageDraw.Draw(page)
    items = [("2 Flat white", "7.60"), ("1 Lentil soup", "8.50"), ("1 Toast, egg", "9.20"),
             ("1 Lemon cake", "4.80"), ("1 Sparkling water", "3.10")]  # fmt: skip
    y = 230
    pen.line((40, y - 20, 480, y - 20), (120, 120, 124, 255), 2)
    for name, price in items:
        write(page, (40, y), name, 29)
        write(page, (480, y), price, 29, anchor="ra")
        y += 50
    pen.line((40, y + 4, 480, y + 4), (120, 120, 124, 255), 2)
    write(page, (40, y + 24), "TOTAL", 36, bold=True)
    write(page, (480, y + 24), "33.20", 36, bold=True, anchor="ra")
    y += 100
    for words in ["VISA  **** **** **** 4242", "Date 11/05  13:42  Table 6", "Receipt No 004817", "Served by Jo"]:  # fmt: skip
        write(page, (40, y), words, 25, (70, 70, 76))
        y += 40
    write(page, (260, y + 40), "Thank you!", 32, anchor="ma")
    drawn = code(zxingcpp.BarcodeFormat.Code128, "LANTERN-004817", 420)
    page.alpha_composite(drawn.resize((420, 90)), (50, y + 100))
    return shaded(page, 12, 0.09)


def boarding_pass() -> Image.Image:
    """One passenger, one seat, and the code that holds all of it."""
    page = sheet(1300, 520, (250, 250, 252), 22)
    pen = ImageDraw.Draw(page)
    pen.rounded_rectangle((0, 0, 1299, 92), 22, (28, 74, 122, 255))
    pen.rectangle((0, 60, 1299, 92), fill=(28, 74, 122, 255))
    write(page, (40, 24), "GULL AIR", 44, (255, 255, 255), bold=True, spread=4)
    write(page, (880, 30), "Boarding pass", 34, (222, 232, 246), anchor="ra")
    for x, y, label, value, size in [
        (40, 120, "Name of passenger", "BRANDT / ANA MS", 40),
        (40, 230, "From", "WESTHAVEN  WHN", 34), (40, 330, "To", "LISBON  LIS", 34),
        (470, 230, "Flight", "GU 417", 34), (470, 330, "Date", "23 MAY", 34),
        (690, 230, "Gate", "B12", 34), (690, 330, "Seat", "14A", 34),
        (40, 430, "Booking reference", "X7QK2M", 34), (470, 430, "Boarding", "06:55", 34),
    ]:  # fmt: skip
        write(page, (x, y), label, 20, (120, 124, 134))
        write(page, (x, y + 28), value, size, bold=True)
    for y in range(100, 510, 16):
        pen.line((930, y, 930, y + 8), (150, 152, 160, 255), 3)
    content = "M1BRANDT/ANA          EX7QK2M WHNLISGU 0417 143Y014A0031 100"
    drawn = code(zxingcpp.BarcodeFormat.Aztec, content, 300)
    page.alpha_composite(drawn.resize((290, 290), Image.Resampling.NEAREST), (970, 120))
    write(page, (1115, 440), "BRANDT / ANA", 28, anchor="ma", bold=True)
    return shaded(page, 13, 0.04)


def badge() -> Image.Image:
    """Worn at a conference, around the neck."""
    card = sheet(640, 900, (252, 252, 253), 28)
    pen = ImageDraw.Draw(card)
    pen.rounded_rectangle((0, 0, 639, 230), 28, (*IRIS, 255))
    pen.rectangle((0, 180, 639, 230), fill=(*IRIS, 255))
    pen.rounded_rectangle((260, 26, 380, 50), 12, (38, 30, 90, 255))
    write(card, (320, 84), "OPEN LENS", 58, (255, 255, 255), bold=True, anchor="ma")
    write(card, (320, 160), "Photography & privacy, May", 28, (226, 222, 250), anchor="ma")  # fmt: skip
    write(card, (320, 300), "ANA BRANDT", 72, bold=True, anchor="ma")
    write(card, (320, 404), "Harbour Photo Club", 36, (90, 92, 104), anchor="ma")
    write(card, (320, 470), "Speaker", 34, IRIS, bold=True, anchor="ma")
    drawn = code(zxingcpp.BarcodeFormat.QRCode, "https://openlens.example/p/ana-brandt-5520", 280)  # fmt: skip
    card.alpha_composite(drawn.resize((270, 270), Image.Resampling.NEAREST), (185, 560))
    write(card, (320, 846), "openlens.example", 26, (120, 122, 134), anchor="ma")
    return card


def poster() -> Image.Image:
    """For a night market, with a code to scan."""
    page = sheet(900, 1260, (243, 178, 84))
    pen = ImageDraw.Draw(page)
    for step in range(30):
        edge = 560 - step * 16
        glow = (247, 196 - step * 3, 92 + step * 2, 255)
        pen.ellipse((450 - edge, 360 - edge, 450 + edge, 360 + edge), fill=glow)
    pen.ellipse((250, 250, 650, 650), fill=(252, 240, 214, 255))
    for left, top, tone in ((0, 560, (176, 74, 58)), (300, 600, (126, 50, 62)), (-200, 640, (82, 36, 62))):  # fmt: skip
        pen.ellipse((left - 300, top, left + 1100, top + 900), fill=(*tone, 255))
    pen.rectangle((0, 900, 900, 1260), fill=(60, 28, 54, 255))
    write(page, (450, 90), "NIGHT MARKET", 108, (76, 30, 48), bold=True, anchor="ma")
    write(page, (450, 740), "lanterns, noodles, records", 46, (255, 226, 190), anchor="ma")  # fmt: skip
    write(page, (70, 960), "Fri 23 May", 60, (255, 232, 200), bold=True)
    write(page, (70, 1040), "18 to 24, the old quay", 42, (236, 198, 178))
    write(page, (70, 1110), "Tickets: scan, or call", 36, (236, 198, 178))
    write(page, (70, 1162), "020 7946 0733", 44, (255, 232, 200), bold=True)
    drawn = code(zxingcpp.BarcodeFormat.QRCode, "https://nightmarket.example/ticket?for=ben.okafor&id=20417", 280)  # fmt: skip
    page.alpha_composite(drawn.resize((280, 280), Image.Resampling.NEAREST), (580, 940))
    return shaded(page, 14, 0.05)


def parcel_label() -> Image.Image:
    """Sender, recipient and tracking number of a parcel."""
    page = sheet(900, 620, (250, 250, 248), 8)
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 900, 84), fill=(206, 48, 44, 255))
    write(page, (36, 20), "SWIFT PARCEL", 44, (255, 255, 255), bold=True)
    write(page, (864, 24), "2.4 kg", 36, (255, 255, 255), anchor="ra")
    write(page, (36, 108), "To", 24, (120, 120, 126))
    lines(page, (36, 138), ["Eva Lindqvist", "48 Orchard Road", "Westhaven WH2 7LN"], 44, step=1.3)  # fmt: skip
    write(page, (36, 326), "Phone 020 7946 0192", 32)
    pen.line((20, 386, 880, 386), (60, 60, 64, 255), 3)
    drawn = code(zxingcpp.BarcodeFormat.Code128, "SP0042719355GB", 700)
    page.alpha_composite(drawn.resize((760, 150), Image.Resampling.NEAREST), (70, 404))
    write(page, (450, 568), "SP 0042 7193 55 GB", 32, anchor="ma", spread=0)
    return page


def wifi_note() -> Image.Image:
    """Stuck to the fridge for guests."""
    note = sheet(760, 760, (252, 226, 120))
    write(note, (60, 70), "Welcome!", 84, (60, 54, 40), bold=True)
    lines(note, (60, 200), ["Wi-Fi: HarbourHouse", "Password: tide-7-Lantern"], 52, (60, 54, 40), 1.5)  # fmt: skip
    drawn = code(zxingcpp.BarcodeFormat.QRCode, "WIFI:T:WPA;S:HarbourHouse;P:tide-7-Lantern;;", 300)  # fmt: skip
    note.alpha_composite(drawn.resize((300, 300), Image.Resampling.NEAREST), (60, 400))
    write(note, (400, 560), "Ana", 64, (60, 54, 40))
    return shaded(note, 15, 0.12)


def envelope() -> Image.Image:
    """A letter to a friend, by hand."""
    page = sheet(1100, 640, (236, 228, 212), 6)
    pen = ImageDraw.Draw(page)
    pen.rectangle((920, 40, 1050, 200), fill=(120, 156, 176, 255))
    pen.rectangle((932, 52, 1038, 188), fill=(214, 232, 236, 255))
    pen.polygon([(932, 188), (985, 100), (1038, 188)], fill=(72, 104, 128, 255))
    lines(page, (430, 300), ["Carla Neri", "5 Signal Street", "Westhaven WH3 2PD"], 50, (44, 52, 96), 1.4)  # fmt: skip
    return shaded(page, 16, 0.10)
