#!/usr/bin/env python3
"""Times a face network in onnxruntime: chips to embeddings, one thread, batches of 1 and 16.

Called as `facegallery-bench network --reference` calls its reference: forward MODEL CHIPS. MODEL is an ONNX file
with one input of N x 3 x side x side, CHIPS raw side x side RGB. The file is prepared as onnxruntime likes it best:
its batch is free, and constants are not listed as inputs, so that they are folded when it is loaded. Prints JSON
Lines.
"""
import json
import statistics
import sys
import time

import numpy
import onnx
import onnxruntime


def session(path):
    model = onnx.load(path)
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    read = {name for node in graph.node for name in node.input}
    inputs = [value for value in graph.input if value.name in read - constants]
    del graph.input[:]
    graph.input.extend(inputs)
    # Shapes of values between would hold the batch that the file was written with.
    del graph.value_info[:]
    for value in list(graph.input) + list(graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Otherwise weights of 8 bits stay that and are brought back to float32 in every run.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def main():
    word, model, chips = sys.argv[1:4]
    if word != "forward":
        sys.exit(f"forward MODEL CHIPS, not {word}")
    network = session(model)
    given = network.get_inputs()[0]
    pixels = numpy.fromfile(chips, numpy.uint8).reshape(-1, *given.shape[2:], 3)
    for batch in (1, 16):
        some = pixels[[place % len(pixels) for place in range(batch)]]
        data = numpy.ascontiguousarray(some.transpose(0, 3, 1, 2), dtype=numpy.float32)
        network.run(None, {given.name: data})
        times = []
        for _ in range(64 // batch + 6):
            begin = time.perf_counter()
            network.run(None, {given.name: data})
            times.append((time.perf_counter() - begin) * 1e3 / batch)
        print(json.dumps({
            "program": "onnxruntime", "measure": f"forward, batch {batch}",
            "median_ms_per_face": statistics.median(times)}))


main()
