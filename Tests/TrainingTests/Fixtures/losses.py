"""Writes losses.json: losses, gradients and optimizer steps as PyTorch computes them in float64.

python3 losses.py > losses.json    (written with PyTorch 1.13.1)
"""
import json
import math

import numpy as np
import torch

PEOPLE = [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5]
DIMENSION = 8


def numbers(tensor):
    return [float(f"{x:.9g}") for x in tensor.detach().reshape(-1).tolist()]


def leaf(array):
    return torch.tensor(np.asarray(array, dtype=np.float32).astype(np.float64), requires_grad=True)


def report(loss, *leaves):
    for x in leaves:
        x.grad = None
    loss.backward()
    return {"loss": float(loss), "gradients": [numbers(x.grad) for x in leaves]}


def squared(rows):
    return ((rows[:, None] - rows[None]) ** 2).sum(-1)


def triplet(rows, mining, margin=0.2):
    d, n = squared(rows), len(PEOPLE)
    losses = []
    for a in range(n):
        positives = [p for p in range(n) if p != a and PEOPLE[p] == PEOPLE[a]]
        negatives = [x for x in range(n) if PEOPLE[x] != PEOPLE[a]]
        if not positives:
            continue
        if mining == "hardest":
            p = max(positives, key=lambda p: float(d[a, p]))
            losses.append((a, p, min(negatives, key=lambda x: float(d[a, x]))))
        elif mining == "all":
            losses += [(a, p, x) for p in positives for x in negatives]
        else:
            for p in positives:
                beyond = [x for x in negatives if d[a, x] > d[a, p]]
                if beyond:
                    losses.append((a, p, min(beyond, key=lambda x: float(d[a, x]))))
                else:
                    losses.append((a, p, max(negatives, key=lambda x: float(d[a, x]))))
    values = torch.stack([torch.relu(d[a, p] - d[a, x] + margin) for a, p, x in losses])
    return values.mean()


def contrastive(rows, margin=1.0):
    distance = torch.nn.functional.pdist(rows)
    i, j = np.triu_indices(len(PEOPLE), 1)
    same = torch.tensor([PEOPLE[a] == PEOPLE[b] for a, b in zip(i, j)])
    near = (0.5 * distance[same] ** 2).mean()
    far = (0.5 * torch.relu(margin - distance[~same]) ** 2).mean()
    return 0.5 * near + 0.5 * far


def arcface(rows, centres, scale, margin):
    cosine = rows @ torch.nn.functional.normalize(centres).T
    own = cosine[range(len(PEOPLE)), PEOPLE]
    angle = torch.acos(own)
    safe = torch.where(own > -math.cos(margin), torch.cos(angle + margin), own - margin * math.sin(margin))
    logits = cosine.clone()
    logits[range(len(PEOPLE)), PEOPLE] = safe
    return torch.nn.functional.cross_entropy(scale * logits, torch.tensor(PEOPLE))


def steps(make, weight, bias, gradients):
    weight, bias = leaf(weight), leaf(bias)
    optimizer = make([weight], [bias])
    for row in gradients:
        weight.grad = torch.tensor(row[: len(weight)].astype(np.float64))
        bias.grad = torch.tensor(row[len(weight):].astype(np.float64))
        optimizer.step()
    return numbers(torch.cat([weight, bias]))


def main():
    random = np.random.default_rng(20)
    # One direction shared by all brings distances into the range where every margin has work to do.
    rows = random.normal(size=(len(PEOPLE), DIMENSION)) + 1.5 * random.normal(size=DIMENSION)
    rows = leaf(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    centres = random.normal(size=(6, DIMENSION))
    # A class whose rows are on the far side of its centre, beyond π − margin.
    centres[3] = -1.7 * (rows.detach().numpy()[8] + 0.1 * random.normal(size=DIMENSION))
    centres = leaf(centres)

    weight, bias = random.normal(size=6).astype(np.float32), random.normal(size=3).astype(np.float32)
    gradients = random.normal(size=(5, 9)).astype(np.float32)

    def groups(w, b, decay):
        return [{"params": w, "weight_decay": decay}, {"params": b, "weight_decay": 0}]

    optim = torch.optim
    methods = {
        "sgd": lambda w, b: optim.SGD(groups(w, b, 0.01), lr=0.1, momentum=0.9),
        "adam": lambda w, b: optim.Adam(groups(w, b, 0), lr=0.1),
        "adamW": lambda w, b: optim.AdamW(groups(w, b, 0.01), lr=0.1),
        "adaGrad": lambda w, b: optim.Adagrad(groups(w, b, 0.01), lr=0.1),
    }
    print(json.dumps({
        "people": PEOPLE,
        "dimension": DIMENSION,
        "rows": numbers(rows),
        "centres": numbers(centres),
        "triplet": {m: report(triplet(rows, m), rows) for m in ["semi-hard", "hardest", "all"]},
        "contrastive": report(contrastive(rows), rows),
        "arcFace": report(arcface(rows, centres, 32, 0.5), rows, centres),
        "cosineSoftmax": report(arcface(rows, centres, 16, 0), rows, centres),
        "parameters": numbers(torch.tensor(np.concatenate([weight, bias]))),
        "steps": [numbers(torch.tensor(row)) for row in gradients],
        "optimizers": {name: steps(make, weight, bias, gradients) for name, make in methods.items()},
    }, indent=1))


main()
