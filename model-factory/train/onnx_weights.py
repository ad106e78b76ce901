"""Reads the weights of an ONNX file without the onnx package: initialisers by name and nodes in order."""

import struct
from dataclasses import dataclass, field

import numpy as np

TYPES = {1: np.float32, 3: np.int8, 6: np.int32, 7: np.int64, 10: np.float16}


def fields(data):
    """Yields (field number, value) of a protobuf message; the value is an int or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
        elif kind == 2:
            length = varint()
            yield key >> 3, data[at : at + length]
            at += length
        else:
            length = 4 if kind == 5 else 8
            yield key >> 3, struct.unpack("<f" if kind == 5 else "<d", data[at : at + length])[0]
            at += length


def packed_ints(value):
    """The integers of a repeated field, packed or not."""
    if isinstance(value, int):
        return [value]
    numbers, number, shift = [], 0, 0
    for byte in value:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(number)
            number = shift = 0
    return numbers


@dataclass
class Node:
    op: str = ""
    inputs: list = field(default_factory=list)
    outputs: list = field(default_factory=list)


def tensor_of(data):
    dims, kind, raw, floats, name = [], 1, b"", [], ""
    for number, value in fields(data):
        if number == 1:
            dims += packed_ints(value)
        elif number == 2:
            kind = value
        elif number == 4:
            floats += list(np.frombuffer(value, np.float32)) if isinstance(value, bytes) else [value]
        elif number == 8:
            name = bytes(value).decode()
        elif number == 9:
            raw = bytes(value)
    data = np.frombuffer(raw, TYPES[kind]) if raw else np.asarray(floats, np.float32)
    return name, data.reshape(dims)


def read_onnx(path):
    """Returns (nodes, constants); casts and products of constants are done."""
    with open(path, "rb") as file:
        model = memoryview(file.read())
    graph = next(value for number, value in fields(model) if number == 7)
    nodes, constants = [], {}
    for number, value in fields(graph):
        if number == 5:
            name, array = tensor_of(value)
            constants[name] = array
        elif number == 1:
            node = Node()
            for part, content in fields(value):
                if part == 1:
                    node.inputs.append(bytes(content).decode())
                elif part == 2:
                    node.outputs.append(bytes(content).decode())
                elif part == 4:
                    node.op = bytes(content).decode()
            nodes.append(node)
    left = []
    for node in nodes:
        known = [constants[name] for name in node.inputs if name in constants]
        if len(known) < len(node.inputs) or node.op not in ("Cast", "Mul"):
            left.append(node)
        elif node.op == "Cast":
            constants[node.outputs[0]] = known[0].astype(np.float32)
        else:
            constants[node.outputs[0]] = known[0] * known[1]
    return left, constants
