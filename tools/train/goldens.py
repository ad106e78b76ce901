"""
Records what PyTorch gives for the crops of tools/models/goldens with the stored weights of the traits network:
`python tools/train/goldens.py`, from the repository's root. Walks through face-traits.json, layer by layer.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

HERE = Path(__file__).parent
GOLDENS = HERE / "../models/goldens"
CROP_SIDE = 192


def stored_network(folder=HERE):
    """A function from inputs to the outputs by name."""
    description = json.loads((folder / "face-traits.json").read_text())
    weights = torch.from_numpy(np.fromfile(folder / "face-traits.weights", "<f2").astype(np.float32))

    def run(x):
        values, at = {"input": x}, 0

        def take(shape):
            nonlocal at
            at += int(np.prod(shape))
            return weights[at - int(np.prod(shape)) : at].reshape(shape)

        for layer in description["layers"]:
            values[layer["output"]] = run_layer(layer, values, take)
        return {name: values[name].flatten(1) for name in description["outputs"]}

    return run


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
    """The recorded crops as tools/models/goldens.ts gives them to a model of half their side."""
    pixels = np.frombuffer(gzip.decompress((GOLDENS / "crops.bin.gz").read_bytes()), np.uint8)
    pixels = pixels.reshape(-1, size, CROP_SIDE // size, size, CROP_SIDE // size, 3).astype(np.float64)
    reduced = np.floor(pixels.mean((2, 4)) + 0.5).astype(np.float32) / 255
    return torch.from_numpy(reduced).permute(0, 3, 1, 2).contiguous()


def main():
    x = crops(96)
    outputs = {name: values.numpy() for name, values in stored_network()(x).items()}
    index = {
        "runtime": f"PyTorch {torch.__version__}",
        "crops": list(range(len(x))),
        "outputs": [{"name": name, "length": values.size} for name, values in outputs.items()],
    }
    (GOLDENS / "face-traits.json").write_text(json.dumps(index, indent=2) + "\n")
    data = b"".join(values.astype("<f4").tobytes() for values in outputs.values())
    (GOLDENS / "face-traits.bin.gz").write_bytes(gzip.compress(data, 9, mtime=0))


if __name__ == "__main__":
    main()
