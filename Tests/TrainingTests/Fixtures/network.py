"""Writes network.safetensors: a small network of every layer, its loss and gradients as PyTorch has them.

`WholeNetworkTests` runs the same network. Usage: network.py FILE
"""
import json
import struct
import sys

import torch
from torch.nn import functional as F

BATCH, SIDE, MARGIN = 8, 16, 5.0
SHAPES = {
    "stem.weight": (8, 3, 3, 3),
    "stem.bias": (8,),
    "norm.scale": (8,), "norm.shift": (8,), "norm.mean": (8,), "norm.variance": (8,),
    "prelu.slope": (8,),
    "depthwise.weight": (8, 1, 3, 3),
    "affine.scale": (8,), "affine.shift": (8,),
    "grouped.weight": (8, 4, 3, 3), "grouped.bias": (8,),
    "norm2.scale": (8,), "norm2.shift": (8,), "norm2.mean": (8,), "norm2.variance": (8,),
    "wide.weight": (20, 8, 3, 3),
    "global.weight": (20, 1, 3, 3),
    "dense.weight": (6, 20), "dense.bias": (6,),
    "norm3.scale": (6,), "norm3.shift": (6,), "norm3.mean": (6,), "norm3.variance": (6,),
}


def first_values():
    generator = torch.Generator().manual_seed(20260301)
    values = {}
    for name, shape in SHAPES.items():
        noise = torch.randn(shape, generator=generator)
        kind = name.split(".")[1]
        if kind == "weight":
            noise *= (2 / noise[0].numel()) ** 0.5
        elif kind in ("scale", "variance"):
            noise = 1 + 0.2 * noise.abs()
        else:
            noise *= 0.2
        values[name] = noise
    images = torch.randn((BATCH, SIDE, SIDE, 3), generator=generator)
    return values, images


def normalize(x, p, name):
    return F.batch_norm(
        x, p[f"{name}.mean"], p[f"{name}.variance"], p[f"{name}.scale"], p[f"{name}.shift"],
        training=True, momentum=0.1, eps=1e-5)


def fill(x, channels, side):
    return F.pad(x, (0, side - x.shape[3], 0, side - x.shape[2], 0, channels - x.shape[1]))


def embed(images, p):
    x = images.permute(0, 3, 1, 2).contiguous()
    x = normalize(F.conv2d(x, p["stem.weight"], p["stem.bias"], padding=1), p, "norm")
    x = F.prelu(x, p["prelu.slope"])
    y = F.conv2d(x, p["depthwise.weight"], padding=1, groups=8)
    y = F.relu(y * p["affine.scale"][:, None, None] + p["affine.shift"][:, None, None])
    y = normalize(F.conv2d(y, p["grouped.weight"], p["grouped.bias"], padding=1, groups=2), p, "norm2")
    x = F.relu(x + y)
    x = F.max_pool2d(x, 2, 2)
    x = fill(F.conv2d(x, p["wide.weight"], stride=2), 20, 4) + fill(F.avg_pool2d(x, 2, 2), 20, 4)
    x = F.avg_pool2d(x, 2, 1)
    x = F.conv2d(x, p["global.weight"], groups=20)
    x = x.mean((2, 3))
    x = F.linear(x, p["dense.weight"], p["dense.bias"])
    return normalize(x, p, "norm3")


def triplet_loss(rows, people):
    unit = F.normalize(rows)
    distances = ((unit[:, None] - unit[None]) ** 2).sum(2)
    losses = [
        F.relu(distances[a, p] - distances[a, n] + MARGIN)
        for a in range(len(people)) for p in range(len(people)) for n in range(len(people))
        if a != p and people[a] == people[p] and people[a] != people[n]
    ]
    return torch.stack(losses).mean()


def write(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().float().contiguous().numpy().tobytes()
        header[name] = {
            "dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    torch.set_num_threads(1)
    values, images = first_values()
    tensors = {name: value.clone() for name, value in values.items()}
    # In double precision, so that only one side of the comparison rounds.
    p = {name: value.double().requires_grad_(name.split(".")[1] not in ("mean", "variance"))
         for name, value in values.items()}
    loss = triplet_loss(embed(images.double(), p), [i // 2 for i in range(BATCH)])
    loss.backward()
    for name, value in p.items():
        tensors[f"after/{name}"] = value.grad if value.requires_grad else value
    write(sys.argv[1], {**tensors, "images": images, "loss": loss.reshape(1)})


main()
