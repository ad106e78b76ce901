"""Writes a fitted network as face-traits.json (its layers in order) and face-traits.weights (half precision, one after the other)."""

import json

import numpy as np

from network import PARTS, SIZE, TRAITS


class Writer:
    def __init__(self):
        self.layers, self.weights, self.count = [], [], 0

    def tensor(self, values):
        """Keeps a tensor; returns its shape, by which readers walk through the weights."""
        self.weights.append(values.detach().numpy().astype("<f2").tobytes())
        return list(values.shape)

    def layer(self, **layer):
        self.count += 1
        layer.setdefault("output", f"x{self.count}")
        self.layers.append(layer)
        return layer["output"]

    def conv(self, module, x, **named):
        """Weights are [outputs, inputs per group, height, width], then the bias."""
        weight = self.tensor(module.conv.weight)
        self.tensor(module.conv.bias)
        left, right, top, bottom = module.pads
        return self.layer(
            op="depthwise" if module.depthwise else "conv", input=x, weight=weight, stride=module.stride, pads=[top, bottom, left, right], **named
        )

    def prelu(self, module, x):
        return self.layer(op="prelu", input=x, weight=self.tensor(module.weight))

    def block(self, module, x):
        y = self.conv(module.pointwise, self.conv(module.depthwise, x))
        if module.stride == 2:
            x = self.layer(op="pool", input=x)
        if module.more:
            x = self.layer(op="channels", input=x, more=module.more)
        return self.prelu(module.act, self.layer(op="add", inputs=[x, y]))


def save(net, folder):
    writer = Writer()
    x = writer.prelu(net.stem[1], writer.conv(net.stem[0], "input"))
    early = middle = x
    for i, block in enumerate(net.blocks):
        if i == 8:
            early = x
        if i == 11:
            middle = x
        x = writer.block(block, x)
    fine = writer.prelu(net.early[1], writer.conv(net.early[0], early))
    near = writer.prelu(net.near[1], writer.conv(net.near[0], middle))
    parts = writer.layer(op="add", inputs=[writer.conv(net.parts_far, x), writer.conv(net.parts_near, near)])
    writer.layer(op="add", output="covered", inputs=[parts, writer.conv(net.parts_early, fine)])
    hidden = writer.prelu(net.hidden[1], writer.conv(net.hidden[0], x))
    writer.conv(net.traits, hidden, output="traits")
    description = {
        "input": [SIZE, SIZE, 3],
        "outputs": {"traits": TRAITS, "covered": PARTS},
        "layers": writer.layers,
    }
    lines = ",\n    ".join(json.dumps(layer) for layer in writer.layers)
    text = json.dumps({**description, "layers": 0}, indent=2).replace('"layers": 0', f'"layers": [\n    {lines}\n  ]')
    (folder / "face-traits.json").write_text(text + "\n")
    (folder / "face-traits.weights").write_bytes(b"".join(writer.weights))
    print(f"{sum(map(len, writer.weights))} bytes of weights")


def rounded(net):
    """The network with its weights as they are stored."""
    for parameter in net.parameters():
        parameter.data = parameter.data.half().float()
    return net
