"""
Records what PyTorch gives for the crops of model-factory/convert/goldens with the stored weights of the networks fitted here:
`python model-factory/train/goldens.py`, from the repository's root. Walks through NAME.json, layer by layer.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

HERE = Path(__file__).parent
GOLDENS = HERE / "../convert/goldens"
CROP_SIDE = 192


def stored_network(name):
    """The side of the network's input, and a function from inputs to the outputs by name."""
    description = json.loads((HERE / f"{name}.json").read_text())
    weights = torch.from_numpy(np.fromfile(HERE / f"{name}.weights", "<f2").astype(np.float32))

    def run(x):
        values, at = {"input": x}, 0

        def take(shape):
            nonlocal at
            at += int(np.prod(shape))
            return weights[at - int(np.prod(shape)) : at].reshape(shape)

        for layer in description["layers"]:
            values[layer["output"]] = run_layer(layer, values, take)
        return {output: values[output].permute(0, 2, 3, 1).flatten(1) for output in description["outputs"]}

    return description["input"][0], run


def run_layer(layer, values, take):
    if layer["op"] == "add":
        return sum(values[name] for name in layer["inputs"])
    x = values[layer["input"]]
    if layer["op"] == "prelu":
        return F.prelu(x, take(layer["weight"]))
    if layer["op"] == "pool":
        return F.max_pool2d(x, 2)
    if layer["op"] == "channels":
        return F.pad(x, (0, 0, 0, 0, 0, layer["more"]))
    top, bottom, left, right = layer["pads"]
    weight = take(layer["weight"])
    bias = take(layer["weight"][:1])
    groups = x.shape[1] if layer["op"] == "depthwise" else 1
    return F.conv2d(F.pad(x, (left, right, top, bottom)), weight, bias, layer["stride"], groups=groups)


def crops(size):
    """The recorded crops as model-factory/convert/goldens.ts gives them to a model: sampled bilinearly, rounded to bytes."""
    pixels = np.frombuffer(gzip.decompress((GOLDENS / "crops.bin.gz").read_bytes()), np.uint8)
    pixels = pixels.reshape(-1, CROP_SIDE, CROP_SIDE, 3).astype(np.float64)
    places = (np.arange(size) + 0.5) * CROP_SIDE / size - 0.5
    first = np.floor(places).astype(int)
    share = places - first
    at = [np.clip(first + step, 0, CROP_SIDE - 1) for step in (0, 1)]
    rows = pixels[:, at[0]] * (1 - share)[:, None, None] + pixels[:, at[1]] * share[:, None, None]
    reduced = rows[:, :, at[0]] * (1 - share)[:, None] + rows[:, :, at[1]] * share[:, None]
    return torch.from_numpy(np.floor(reduced + 0.5).astype(np.float32) / 255).permute(0, 3, 1, 2).contiguous()


def record(name):
    size, run = stored_network(name)
    x = crops(size)
    outputs = {output: values.numpy() for output, values in run(x).items()}
    index = {
        "runtime": f"PyTorch {torch.__version__}",
        "crops": list(range(len(x))),
        "outputs": [{"name": output, "length": values.size} for output, values in outputs.items()],
    }
    (GOLDENS / f"{name}.json").write_text(json.dumps(index, indent=2) + "\n")
    data = b"".join(values.astype("<f4").tobytes() for values in outputs.values())
    (GOLDENS / f"{name}.bin.gz").write_bytes(gzip.compress(data, 9, mtime=0))


if __name__ == "__main__":
    record("face-traits")
    record("face-occlusion")
