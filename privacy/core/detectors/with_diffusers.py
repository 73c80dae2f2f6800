"""Optional: avatars drawn by a diffusion model (FLUX Fill and a cartoon LoRA).

Off unless ``[cartoon]`` stands in the file of NOPEEK_MODELS, and only on a GPU; torch
and diffusers are imported when it loads. The pipeline paints into the picture with
every masked pixel blanked, by words and a seed that a keyed hash dealt: it never sees
the face that it stands in for. What it drew is shown only if a check holds (``hands``).
"""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from privacy.core import weights
from privacy.core.detectors.choices import Choice
from privacy.core.detectors.configured import library
from privacy.core.errors import ModelError, ModelMismatch, ModelMissing
from privacy.core.image import Pixels

Shade = npt.NDArray[np.uint8]

SIDE = 1024
"""Longer side in pixels at which the pipeline paints."""
MULTIPLE = 16
STEPS = 28
GUIDANCE = 30.0

WORDS = (
    ("a young woman", "a young man", "an old woman", "an old man", "a boyish person"),
    ("with short hair", "with long hair", "with curls", "with a bun", "with a shaved head"),
    ("in a green scarf", "in a blue hat", "in round glasses", "in a red pullover"),
    ("smiling", "looking thoughtful", "laughing", "calm"),
)  # fmt: skip


class Cartoonist:
    """The loaded pipeline.

    Raises:
        ModelMissing: no GPU, no such folder, or diffusers is not installed.
        ModelMismatch: other weights than those whose hash was given.
    """

    def __init__(self, choice: Choice) -> None:
        folder = choice.path
        if not folder.is_dir():
            raise ModelMissing("cartoon: its path is a folder as diffusers saves it")
        if tree_digest(folder) != choice.sha256:
            raise ModelMismatch("cartoon: its folder has another SHA-256")
        torch = library("torch")
        device = _device(torch)
        pipeline = library("diffusers").FluxFillPipeline
        try:
            pipe = pipeline.from_pretrained(
                str(folder),
                torch_dtype=torch.bfloat16,
                local_files_only=True,
                use_safetensors=True,
            )
            if choice.lora is not None:
                lora = weights.verified(choice.lora, choice.lora_sha256, "cartoon")
                pipe.load_lora_weights(str(lora.parent), weight_name=lora.name)
            self._pipe: Any = pipe.to(device)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(f"cartoon: it does not load: {error}") from error
        self._torch, self._turn = torch, threading.Lock()

    def draw(self, blank: Pixels, hidden: Shade, secret: bytes) -> Pixels:
        """The picture with something drawn wherever it is hidden; (h, w, 3) uint8.

        Args:
            blank: zeros wherever ``hidden`` is 255.
            secret: 32 bytes that deal who is drawn.

        Raises:
            ModelError: the pipeline failed.
        """
        height, width = hidden.shape
        scale = min(1.0, SIDE / max(height, width))
        h, w = (max(1, round(n * scale / MULTIPLE)) * MULTIPLE for n in (height, width))
        seed = int.from_bytes(secret[-8:], "big") >> 1
        try:
            with self._turn:
                made = self._pipe(
                    prompt=said(secret),
                    image=Image.fromarray(blank),
                    mask_image=Image.fromarray(hidden),
                    height=h,
                    width=w,
                    num_inference_steps=STEPS,
                    guidance_scale=GUIDANCE,
                    max_sequence_length=512,
                    generator=self._torch.Generator("cpu").manual_seed(seed),
                    output_type="pil",
                ).images[0]
        except (RuntimeError, ValueError, TypeError) as error:
            raise ModelError(f"cartoon: the pipeline failed: {error}") from error
        out: Pixels = np.asarray(made.convert("RGB").resize((width, height)))
        return out


def tree_digest(folder: Path) -> str:
    """One SHA-256 for a folder and all below it, links included as what they lead to.

    As ``find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum`` in it, where it
    holds plain files whose names have no spaces.
    """
    files = sorted(
        f"./{p.relative_to(folder)}" for p in folder.rglob("*") if p.is_file()
    )
    lines = "".join(f"{weights.digest(folder / name)}  {name}\n" for name in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def said(secret: bytes) -> str:
    """The words of a picture, dealt by ``secret`` like the cards of ``redact.avatar``."""
    dealt = [words[secret[i] % len(words)] for i, words in enumerate(WORDS)]
    return f"flat cartoon portrait of {', '.join(dealt)}, bold outlines, two tones"


def _device(torch: Any) -> str:
    if not torch.cuda.is_available():
        raise ModelMissing("cartoon: a diffusion model needs a GPU, and there is none")
    return "cuda"
