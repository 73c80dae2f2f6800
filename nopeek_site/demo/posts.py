"""What the six posted in the last weeks, in the order in which the demo makes it.

What looks different to each viewer comes first, so that there is something to see
after some seconds. Captions never say what a mask hides.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture, with words for those who see all of it and for the others."""

    picture: str
    alt: str
    alt_masked: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the owner switched: a category, and from which tier on it is shown."""

    category: str
    show_from: int | None = None
    style: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A post. ``likes`` and ``remarks`` come only from people who may see it.

    A remark is (who, what) or, as a reply to the one before, (who, "> what").
    """

    slug: str
    owner: str
    hours: int
    audience: str
    caption: str
    shots: tuple[Shot, ...]
    likes: str = ""
    remarks: tuple[tuple[str, str], ...] = ()
    choices: tuple[Choice, ...] = ()
    draft: bool = False


STORY = "desk"
"""The post that the greeting tells people to open twice."""

POSTS = (
    Entry("desk", "ana", 2, "everyone", "Working from home, day 214. The rent went up, the light is good.",
        (Shot("desk", "A laptop with an e-mail from a doctor's practice open, and a letter about the rent with Ana's address on a wooden desk.", "A laptop and a letter on a wooden desk by a window."),),
        "ben carla dan finn", (("ben", "That desk is far too tidy."), ("ana", "> You should see behind the camera."), ("carla", "Call them back, @ana!"))),
    Entry("street", "ana", 5, "everyone", "Line 27 stops for the ones who run. Met @ben here.",
        (Shot("street", "A blue electric bus in a street in the sun, and people walking by on the pavement.", "A blue electric bus in a street in the sun. People who walk by have their faces hidden."),),
        "ben carla dan", (("ben", "I was late, as always."), ("dan", "Is that the electric one?"), ("ana", "> It is, and very quiet."))),
    Entry("car", "ana", 9, "everyone", "Finally parked. Forty minutes round the block.",
        (Shot("car", "The back of a blue car in the evening, its lamps red, before the lights of a city. The plate reads NP 2049 K.", "The back of a blue car in the evening, its lamps red, before the lights of a city."),),
        "ben carla", (("carla", "Next time take the tram with me."),)),
    Entry("cat", "carla", 11, "everyone", "She heard the fridge.",
        (Shot("cat", "The face of a tabby cat with green eyes, looking to the right."),),
        "ana ben dan eva finn", (("eva", "Queen of the kitchen."), ("ana", "Give her my regards."))),
    Entry("badge", "ana", 26, "everyone", "My first talk ever! Slides follow.",
        (Shot("badge", "A conference badge on a purple ribbon: Ana Brandt, Harbour Photo Club, speaker at Open Lens.", "A conference badge on a purple ribbon, on blue cloth."),),
        "ben carla dan", (("carla", "So proud of you."), ("ben", "Do the one about the gulls again.")),
        (Choice("text.name_badge", 1),)),
    Entry("market", "ben", 30, "everyone", "This Friday. Who is in? @ana @carla",
        (Shot("poster", "A poster for a night market with a setting sun over dunes, a telephone number and a QR code, on a wall of bricks.", "A poster for a night market with a setting sun over dunes, on a wall of bricks."),),
        "ana carla", (("ana", "In!"), ("carla", "Only for the noodles."), ("ben", "> Nobody goes for anything else."))),
    Entry("lunch", "ana", 49, "followers", "Soup weather, again.",
        (Shot("lunch", "An emptied plate, a receipt of Cafe Lantern over 33.20 and a green bank card on marble.", "An emptied plate on marble, beside a bill and a card."),),
        "ben carla", (("ben", "The lemon cake is the reason to live there."),)),
    Entry("collins", "dan", 52, "everyone", "On my wall since I was nine: Eileen Collins, the first woman to command a Shuttle.",
        (Shot("astronaut", "Portrait of the astronaut Eileen Collins in an orange suit, before a flag and a model of the Space Shuttle.", "Portrait of an astronaut in an orange suit, before a flag and a model of the Space Shuttle."),),
        "ana ben carla finn", (("finn", "Same poster here!"),), (Choice("face", 0),)),
    Entry("coffee", "carla", 55, "everyone", "The only meeting I am never late for.",
        (Shot("coffee", "An espresso in a red cup on a wooden table."),), "ana ben eva", (),
        # The grain of the table: what the scan takes for words and a code is none.
        (Choice("text", 0), Choice("code.qr", 0))),
    Entry("sea", "ana", 73, "everyone", "Nobody on the beach but us and the tide.",
        (Shot("sea", "The sun sets over a calm sea; the last wave runs up the sand."), Shot("hills", "Hills behind each other in the mist of a morning, the sun low on the left.")),
        "ben carla dan finn", (("carla", "Take me along next time."), ("dan", "What lens?"), ("ana", "> The only one I have."))),
    Entry("trip", "ana", 98, "close", "It is happening. Lisbon, here I come!",
        (Shot("boarding", "A boarding pass of Gull Air for Ana Brandt from Westhaven to Lisbon, seat 14A, on a brown suitcase.", "A boarding pass on a brown suitcase."),),
        "carla", (("carla", "Bring me tiles. Many tiles."),)),
    Entry("pagoda", "carla", 120, "everyone", "Two years ago today. I still hear the cicadas.",
        (Shot("pagoda", "A red and green pagoda of three storeys above trees, a lake in the haze behind it."),), "ana finn", ()),
    Entry("parcel", "eva", 146, "everyone", "It came! It only took three weeks.",
        (Shot("parcel", "A parcel on a doormat; its label names Eva Lindqvist, 48 Orchard Road, with a telephone number and a barcode.", "A parcel on a doormat."),),
        "carla", (("carla", "Open it! Open it!"),)),
    Entry("launch", "dan", 170, "everyone", "Stayed up for this one. No regrets.",
        (Shot("rocket", "A rocket on its pad in the early morning, lit from all sides."),), "ana ben carla", ()),
    Entry("city", "ben", 195, "followers", "Glass, mostly.",
        (Shot("city", "High-rise buildings of glass at night, seen from below."),), "ana carla", ()),
    Entry("admiral", "carla", 220, "everyone", "Postcard of the week: Grace Hopper, who said it is easier to ask forgiveness.",
        (Shot("admiral", "Portrait of Grace Hopper in navy uniform before a flag.", "Portrait of somebody in navy uniform before a flag."),),
        "ana dan", (), (Choice("face", style="sticker"),)),
    Entry("identity", "ana", 244, "close", "Found it! It was in the other coat. @carla stop laughing.",
        (Shot("identity", "An identity card of Utopia and a leather purse on a table.", "A card and a leather purse on a table."),),
        "carla", (("carla", "I am not laughing. Much."),)),
    Entry("abbey", "finn", 270, "everyone", "Eight hundred years, and still no roof.",
        (Shot("abbey", "The stone arches of a ruined abbey against the sky."),), "carla", ()),
    Entry("chat", "ana", 296, "followers", "How plans are made around here.",
        (Shot("chat", "A telephone with a chat with Ben: where to meet, a telephone number and an address.", "A telephone with a chat on a wooden table."),),
        "ben carla", (("ben", "And I was on time!"),)),
    Entry("sleeper", "carla", 330, "followers", "Deadline? What deadline?",
        (Shot("sleeper", "A grey and white cat asleep beside a laptop, with a mug before it."),), "ana ben eva", ()),
    Entry("dahlia", "carla", 410, "everyone", "First of the year.",
        (Shot("dahlia", "An orange dahlia in full bloom before dark leaves."),), "ana ben dan eva finn", ()),
    Entry("letter", "ana", 460, "only_me", "Her new address, so that I do not lose it again.",
        (Shot("post", "An envelope to Carla Neri, 5 Signal Street, Westhaven, and a pen on a table.", "An envelope and a pen on a table."),)),
    Entry("fridge", "ana", 1, "followers", "For guests.",
        (Shot("fridge", "A yellow note with the name and the password of a Wi-Fi, and a QR code.", "A yellow note under a red magnet."), Shot("login", "A telephone with a QR code that logs one in to a bank.", "A telephone on a dark table.")),
        draft=True),
)  # fmt: skip
