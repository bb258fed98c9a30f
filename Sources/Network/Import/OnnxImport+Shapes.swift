internal import Onnx

/// Operators that move numbers.
extension OnnxImport {
    mutating func reshape(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        guard let wanted = try integers(node, "shape", 1) else {
            throw node.unsupported("its shape is not constant")
        }
        let full = try node.shape(
            of: [1] + shape(x).sizes, reshapedTo: wanted, keepsZeros: try node.integer("allowzero") == 1)
        guard full.first == 1 else {
            throw node.unsupported("\(shape(x)) reshaped to \(wanted) joins the images of a batch")
        }
        return try append(node, .reshape(Array(full.dropFirst())), [x])
    }

    mutating func flatten(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        let given = try node.integer("axis") ?? 1
        let rank = shape(x).sizes.count + 1
        guard given == 1 || given == 1 - rank else {
            throw node.unsupported("axis \(given) joins the images of a batch")
        }
        return try append(node, .reshape([-1]), [x])
    }

    mutating func squeeze(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        let sizes = shape(x).sizes
        let given = try integers(node, "axes", 1)
        var axes: [Int] = []
        if node.operation == "Unsqueeze" {
            guard let given else { throw node.unsupported("its axes are missing") }
            let rank = sizes.count + given.count
            for one in given { axes.append(try axis(one, rank, node)) }
            guard Set(axes).count == axes.count else { throw node.unsupported("an axis comes twice") }
            var rest = sizes[...]
            return try append(
                node, .reshape((0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }), [x])
        }
        guard let given else {
            throw node.unsupported("it drops all axes of 1, perhaps the batch; name its axes")
        }
        for one in given { axes.append(try axis(one, sizes.count, node)) }
        let kept = sizes.indices.filter { !axes.contains($0) }.map { sizes[$0] }
        guard kept.reduce(1, *) == shape(x).count else {
            throw node.unsupported("it drops an axis of several numbers")
        }
        return try append(node, .reshape(kept), [x])
    }

    mutating func transpose(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        let rank = shape(x).sizes.count + 1
        let order = try node.integers("perm") ?? Array((0..<rank).reversed())
        guard order.count == rank, order.first == 0, order.allSatisfy({ (0..<rank).contains($0) }) else {
            throw node.unsupported("the order of axes \(order) moves the images of a batch")
        }
        return try append(node, .transpose(order.dropFirst().map { $0 - 1 }), [x])
    }

    mutating func concatenation(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        var values: [Graph.Value] = []
        for index in node.inputs.indices { values.append(try value(node, index)) }
        guard let first = values.first, let given = try node.integer("axis") else {
            throw node.unsupported("its inputs or its axis are missing")
        }
        return try append(
            node, .concatenation(axis: try axis(given, shape(first).sizes.count, node)), values)
    }

    mutating func slice(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        var x = try value(node, 0)
        var settings: [Int: [Int]] = [:]
        for index in 1..<5 {
            if let tensor = try constant(node, index) { settings[index] = tensor.integers }
        }
        let full = [1] + shape(x).sizes
        for part in try node.slices(of: full, { settings[$0] }) {
            if part.axis == 0 {
                guard part.count == 1 else { throw node.unsupported("it takes images out of a batch") }
                continue
            }
            guard part.count > 0 else { throw node.unsupported("it leaves nothing of axis \(part.axis)") }
            if part.count == full[part.axis], part.step == 1 { continue }
            x = try append(
                node, .slice(axis: part.axis - 1, start: part.start, step: part.step, count: part.count), [x])
        }
        return x
    }

    mutating func split(_ node: OnnxModel.Node) throws(OnnxError) -> [Graph.Value] {
        let x = try value(node, 0)
        let axis = try axis(try node.integer("axis") ?? 0, shape(x).sizes.count, node)
        let (size, count) = (shape(x).sizes[axis], node.outputs.count)
        let each = (size + count - 1) / count
        let sizes =
            try integers(node, "split", 1)
            ?? (0..<count).map { max(min(each, size - $0 * each), 0) }
        guard sizes.count == count, sizes.allSatisfy({ (1...size).contains($0) }), sizes.reduce(0, +) == size
        else {
            throw node.unsupported("parts of \(sizes) are not those of an axis of \(size)")
        }
        var (parts, start): ([Graph.Value], Int) = ([], 0)
        for part in sizes {
            parts.append(
                try append(node, .slice(axis: axis, start: start, step: 1, count: part), [x]))
            start += part
        }
        return parts
    }

    mutating func gather(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        let sizes = shape(x).sizes
        let axis = try axis(try node.integer("axis") ?? 0, sizes.count, node)
        guard let tensor = try constant(node, 1), let indices = tensor.integers, indices.count == 1,
            tensor.shape.count < 2
        else { throw node.unsupported("it gathers by more than one constant index") }
        let place = indices[0] < 0 ? indices[0] + sizes[axis] : indices[0]
        let part = try append(node, .slice(axis: axis, start: place, step: 1, count: 1), [x])
        guard tensor.shape.isEmpty else { return part }
        var rest = sizes
        rest.remove(at: axis)
        return try append(node, .reshape(rest), [part])
    }

    mutating func padding(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        let rank = shape(x).sizes.count
        guard let given = try integers(node, "pads", 1) else { throw node.unsupported("its pads are missing") }
        let named = try constant(node, 3)?.integers ?? Array(0...rank)
        guard given.count == 2 * named.count else { throw node.unsupported("its pads are \(given)") }
        var (before, after) = ([Int](repeating: 0, count: rank), [Int](repeating: 0, count: rank))
        for (place, name) in named.enumerated() {
            let (first, last) = (given[place], given[place + named.count])
            if name == 0, first == 0, last == 0 { continue }
            let axis = try axis(name, rank, node)
            (before[axis], after[axis]) = (first, last)
        }
        let mode = try node.text("mode") ?? "constant"
        let border: GraphOperation.Border
        switch mode {
        case "constant":
            if let tensor = try constant(node, 2) {
                guard tensor.count == 1 else { throw node.unsupported("its value is not one number") }
                border = .constant(tensor.floats[0])
            } else {
                border = .constant(try node.float("value") ?? 0)
            }
        case "edge": border = .edge
        case "reflect": border = .reflection
        default: throw node.unsupported("its mode is \(mode)")
        }
        return try append(node, .padding(before: before, after: after, border), [x])
    }

    mutating func resize(_ node: OnnxModel.Node) throws(OnnxError) -> Graph.Value {
        let x = try value(node, 0)
        let old = node.operation == "Upsample" || opset < 11
        let mode = try node.text("mode") ?? "nearest"
        guard shape(x).isPlanes, mode == "nearest" || mode == "linear", try node.integer("antialias") ?? 0 == 0
        else {
            throw node.unsupported(
                "planes can be resized to the nearest pixel or linearly; its mode is \(mode)")
        }
        let way = old ? "asymmetric" : try node.text("coordinate_transformation_mode") ?? "half_pixel"
        guard let coordinates = GraphOperation.Resizing.Coordinates(rawValue: way) else {
            throw node.unsupported("its coordinate_transformation_mode is \(way)")
        }
        let near = old ? "floor" : try node.text("nearest_mode") ?? "round_prefer_floor"
        guard let rounding = GraphOperation.Resizing.Rounding(rawValue: near) else {
            throw node.unsupported("its nearest_mode is \(near)")
        }
        var resizing = GraphOperation.Resizing(
            isLinear: mode == "linear", coordinates: coordinates, rounding: rounding)
        let channels = shape(x).channels
        if let tensor = try constant(node, old ? 1 : 2), tensor.count > 0 {
            guard tensor.count == 4, tensor.floats[0] == 1, tensor.floats[1] == 1 else {
                throw node.unsupported("it scales images or channels")
            }
            (resizing.rowScale, resizing.columnScale) = (tensor.floats[2], tensor.floats[3])
        } else if case .floats(let scales)? = node.attributes["scales"], scales.count == 4 {
            guard scales[0] == 1, scales[1] == 1 else { throw node.unsupported("it scales images or channels") }
            (resizing.rowScale, resizing.columnScale) = (scales[2], scales[3])
        } else if !old, let sizes = try constant(node, 3)?.integers, sizes.count == 4 {
            guard sizes[0] == 1, sizes[1] == channels,
                try node.text("keep_aspect_ratio_policy") ?? "stretch" == "stretch"
            else { throw node.unsupported("it resizes images or channels") }
            guard (1...65536).contains(sizes[2]), (1...65536).contains(sizes[3]) else {
                throw node.unsupported("it resizes planes to \(sizes[2])×\(sizes[3])")
            }
            resizing.size = Extent(rows: sizes[2], columns: sizes[3])
        } else {
            throw node.unsupported("its scales are not four constants")
        }
        return try append(node, .resize(resizing), [x])
    }
}
