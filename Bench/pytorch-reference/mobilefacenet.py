"""Times one training step of MobileFaceNet in PyTorch: forward, triplet loss, backward, Adam.

The network, the loss and the batch are those of `facegallery-bench training`. Prints, as JSON Lines, the
seconds of each of STEPS steps after WARM steps that are not counted.

Usage: mobilefacenet.py BATCH THREADS WARM STEPS LAYOUT   (LAYOUT: planes or interleaved)
"""
import json
import sys
import time

import torch
from torch import nn

STAGES = [(2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1)]


def convolution(inputs, filters, window, stride=1, padding=0, groups=1, linear=False):
    layers = [
        nn.Conv2d(inputs, filters, window, stride, padding, groups=groups, bias=False),
        nn.BatchNorm2d(filters),
    ]
    return nn.Sequential(*layers, *([] if linear else [nn.PReLU(filters)]))


class Block(nn.Module):
    def __init__(self, channels, inner, filters, stride):
        super().__init__()
        self.body = nn.Sequential(
            convolution(channels, inner, 1),
            convolution(inner, inner, 3, stride, 1, groups=inner),
            convolution(inner, filters, 1, linear=True),
        )
        self.bridged = stride == 1 and channels == filters

    def forward(self, x):
        return x + self.body(x) if self.bridged else self.body(x)


class MobileFaceNet(nn.Module):
    def __init__(self, dimension=128):
        super().__init__()
        layers = [convolution(3, 64, 3, 2, 1), convolution(64, 64, 3, 1, 1, groups=64)]
        channels = 64
        for widening, filters, blocks, stride in STAGES:
            for index in range(blocks):
                layers.append(Block(channels, channels * widening, filters, stride if index == 0 else 1))
                channels = filters
        layers += [convolution(channels, 512, 1), convolution(512, 512, 7, groups=512, linear=True)]
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, dimension, bias=False))
        self.normalization = nn.BatchNorm1d(dimension)

    def forward(self, x):
        return self.normalization(self.body(x))


def triplet_loss(rows, people, margin=0.2):
    unit = nn.functional.normalize(rows)
    distances = (2 - 2 * unit @ unit.T).clamp(min=0)
    same = people[:, None] == people[None, :]
    gaps = distances[:, :, None] - distances[:, None, :] + margin
    valid = same[:, :, None] & ~same[:, None, :]
    valid &= ~torch.eye(len(people), dtype=torch.bool)[:, :, None]
    return gaps[valid].clamp(min=0).mean()


def main():
    batch, threads, warm, steps = map(int, sys.argv[1:5])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    network = MobileFaceNet().train()
    images = torch.randn(batch, 3, 112, 112)
    if sys.argv[5] == "interleaved":
        network = network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    people = torch.arange(batch) // 4
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-6)
    for step in range(warm + steps):
        begun = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = triplet_loss(network(images), people)
        loss.backward()
        optimizer.step()
        if step >= warm:
            print(json.dumps({"seconds": time.perf_counter() - begun, "loss": loss.item()}), flush=True)


main()
