#!/usr/bin/env python3
"""Writes an ONNX file as onnxruntime runs it best: constants folded to float32, and the number of inputs left open.

Called as: prepare FROM TO [--any-size], which leaves the size of the pictures open, too. onnxruntime refuses YuNet's file as it is published in 8 bits (a convolution's biases are
computed from 8-bit constants), and would otherwise bring SFace's weights back to float32 in every run.
"""
import sys

import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator


def folded(model):
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    fixed, left = [], []
    for node in graph.node:
        inputs = [name for name in node.input if name]
        if all(name in constants for name in inputs):
            fixed.append(node)
            constants.update(node.output)
        else:
            left.append(node)
    wanted = {name for node in left for name in node.input} & {name for node in fixed for name in node.output}
    if not fixed or not wanted:
        return model
    names = sorted(wanted)
    outputs = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names]
    part = helper.make_graph(fixed, "constants", [], outputs, list(graph.initializer))
    values = ReferenceEvaluator(helper.make_model(part, opset_imports=model.opset_import)).run(None, {})
    read = {name for node in left for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in read]
    kept += [numpy_helper.from_array(value, name) for name, value in zip(names, values)]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(left)
    graph.initializer.extend(kept)
    return model


def main():
    source, target = sys.argv[1:3]
    any_size = "--any-size" in sys.argv[3:]
    model = folded(onnx.load(source))
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    read = {name for node in graph.node for name in node.input}
    inputs = [value for value in graph.input if value.name in read - constants]
    del graph.input[:], graph.value_info[:]
    graph.input.extend(inputs)
    for value in list(graph.input) + list(graph.output):
        for axis, size in enumerate(value.type.tensor_type.shape.dim):
            if axis == 0 or any_size and (axis != 1 or value not in list(graph.input)):
                size.dim_param = f"{value.name}_{axis}"
    onnx.save(model, target)


main()
