/// Arithmetic on shapes that constants and running values share.
extension OnnxModel.Node {
    /// A part of an axis: `count` of its values, from `start`, every `step`-th.
    public struct Part: Sendable, Equatable {
        /// The axis that is cut.
        public var axis: Int
        /// The first value, and how far it is to the next; the step may be negative.
        public var start: Int, step: Int
        /// Values that are left.
        public var count: Int
    }

    /// The shape that `Reshape` gives: 0 keeps a size, −1 is what is left.
    ///
    /// - Parameter keepsZeros: whether 0 stands for itself.
    public func shape(
        of shape: [Int], reshapedTo wanted: [Int], keepsZeros: Bool = false
    ) throws(OnnxError) -> [Int] {
        let misfit = unsupported("\(shape) cannot be reshaped to \(wanted)")
        guard wanted.count <= 8 else { throw misfit }
        var result: [Int] = []
        for (axis, size) in wanted.enumerated() {
            if size == 0, !keepsZeros {
                guard shape.indices.contains(axis) else { throw misfit }
                result.append(shape[axis])
            } else {
                result.append(size)
            }
        }
        let all = shape.reduce(1, *)
        var known = 1
        for size in result where size != -1 {
            let (product, overflow) = known.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { throw misfit }
            known = product
        }
        let open = result.indices.filter { result[$0] == -1 }
        if open.count == 1 {
            guard known > 0, all % known == 0 else { throw misfit }
            result[open[0]] = all / known
        } else {
            guard open.isEmpty, known == all else { throw misfit }
        }
        return result
    }

    /// What `Slice` takes of a shape.
    ///
    /// - Parameter input: the integers of an input, if there is one; starts, ends, axes and steps are 1 to 4.
    public func slices(of shape: [Int], _ input: (Int) -> [Int]?) throws(OnnxError) -> [Part] {
        let (starts, ends) = (try settings("starts", input(1)), try settings("ends", input(2)))
        guard let starts, let ends else { throw unsupported("its starts and ends are not constant") }
        let axes = try settings("axes", input(3)) ?? Array(starts.indices)
        let steps = input(4) ?? [Int](repeating: 1, count: starts.count)
        guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count else {
            throw unsupported("its starts, ends, axes and steps are not equally many")
        }
        var parts: [Part] = []
        for place in starts.indices {
            let axis = axes[place] < 0 ? axes[place] + shape.count : axes[place]
            guard shape.indices.contains(axis), steps[place] != 0, steps[place] > Int.min,
                !parts.contains(where: { $0.axis == axis })
            else { throw unsupported("axis \(axes[place]) cannot be cut with a step of \(steps[place])") }
            let (size, step) = (shape[axis], steps[place])
            func within(_ given: Int, _ range: ClosedRange<Int>) -> Int {
                min(max(given < 0 ? given + size : given, range.lowerBound), range.upperBound)
            }
            let start = within(starts[place], step > 0 ? 0...size : 0...max(size - 1, 0))
            // Where a step back ends before the first value, ends are far below zero.
            let end = step > 0 ? within(ends[place], 0...size) : within(max(ends[place], -size - 1), -1...size)
            let span = step > 0 ? end - start : start - end
            let count = span <= 0 || size == 0 ? 0 : (span - 1) / abs(step) + 1
            parts.append(Part(axis: axis, start: start, step: step, count: count))
        }
        return parts
    }

    /// What an input says, or, in older operator sets, an attribute.
    private func settings(_ name: String, _ given: [Int]?) throws(OnnxError) -> [Int]? {
        if let given { return given }
        return try integers(name)
    }
}
