"""Where a torch YOLO looked when it found a thing: Grad-CAM on what its head reads.

Selvaraju et al., "Grad-CAM", ICCV 2017. A detection is a place, so gradient and
activation are multiplied place by place rather than by the gradient's mean over the
picture (HiResCAM, Draelos and Carin, arXiv 2011.08891), which would light up every
other thing of the kind as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from privacy.core.detectors.torched import Tensor, torch_library

Floats = npt.NDArray[np.float32]
Corners = tuple[float, float, float, float]

SAME = 0.5
"""Intersection over union from which a candidate is a candidate for the thing."""


def attention(module: Any, planes: Floats, box: Corners) -> Floats | None:
    """(h, w) float32, 0..1, or None where the model does not see it any more.

    Args:
        module: an ultralytics detection model in evaluation mode.
        planes: (1, 3, h, w) float32 RGB in 0..1, sides multiples of 32.
        box: of the thing, in pixels of ``planes``.
    """
    torch = torch_library()
    head = module.model[-1]
    head.shape = None  # anchors of an earlier run without gradients are made anew
    kept: list[Tensor] = []
    hooks = [
        module.model[i].register_forward_hook(lambda _m, _i, out: kept.append(out))
        for i in head.f
    ]
    try:
        with torch.enable_grad():
            given = torch.from_numpy(planes).requires_grad_(True)
            found = module(given)
            found = found[0] if isinstance(found, tuple | list) else found
            near = _overlap(torch, found[0, :4].T.detach(), box) >= SAME
            if not bool(near.any()):
                return None
            classes = head.nc
            seen = torch.logit(found[0, 4 : 4 + classes].T[near], eps=1e-6)
            slopes = torch.autograd.grad(seen.max(), kept)
    finally:
        for hook in hooks:
            hook.remove()
        head.shape = None
    heat = torch.zeros(planes.shape[2:])
    for activation, slope in zip(kept, slopes, strict=True):
        level = torch.relu((activation * slope).sum(dim=1, keepdim=True))
        heat += torch.nn.functional.interpolate(
            level, planes.shape[2:], mode="bilinear", align_corners=False
        )[0, 0].detach()
    most = float(heat.max())
    if not np.isfinite(most) or most <= 0:
        return None
    out: Floats = (heat / most).numpy()
    return out


def _overlap(torch: Any, boxes: Tensor, box: Corners) -> Tensor:
    """IoU of (n, 4) centres and sizes with one box."""
    low, high = boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2
    ours = torch.tensor(box)
    both = (torch.minimum(high, ours[2:]) - torch.maximum(low, ours[:2])).clamp(min=0)
    inner = both.prod(dim=1)
    area = (ours[2:] - ours[:2]).prod()
    return inner / (boxes[:, 2:].prod(dim=1) + area - inner)
