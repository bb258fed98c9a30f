internal import CSearchKernels

/// What turns vectors into lists, codes and bytes, as it was trained; never changed.
///
/// A region of sections: shape, centroids, assignment, biases, residual axes, probe axes, axes of codes, starts,
/// codebooks, squares of residuals and of errors.
@safe final class Quantizer: @unchecked Sendable {
    // Unchecked and safe: the region is not written after the initialiser, and lives as long as this object.
    let region: Region
    let dimension: Int
    let listCount: Int
    let groups: Int

    /// As C sees it; good while this object is kept.
    let table: UnsafeMutablePointer<csk_quantizer>

    /// The files it is in; nil while it is only in memory.
    let file: SavedFile?

    static let magic: UInt64 = 0x5A54_4E51_4C41_4746  // "FGALQNTZ"
    static let version: UInt32 = 2

    /// The first section.
    struct Shape: BitwiseCopyable {
        var magic = Quantizer.magic
        var version = Quantizer.version
        var dimension: UInt32
        var listCount: UInt32
        var groups: UInt32
        var axisCount: UInt32
        var rowStep: Float
        var spread: Float
        var trainedError: Float
        var trainedCount: UInt64

        /// Whether training can give a quantizer of this shape.
        var isPossible: Bool {
            let steps: ClosedRange<Float> = 1e-12...Quantizer.furthest
            let lengths: ClosedRange<Float> = 0...Quantizer.furthest
            return magic == Quantizer.magic && version == Quantizer.version
                && (1...65_536).contains(Int(dimension)) && trainedCount <= Quantizer.mostVectors
                && listCount >= 1 && Int(listCount) <= QuantizerTraining.listCount(for: Int(trainedCount))
                && (1...Int(csk_most_groups)).contains(Int(groups)) && axisCount <= dimension
                && steps.contains(rowStep) && lengths.contains(spread) && lengths.contains(trainedError)
        }
    }

    /// Where the sections of a shape begin.
    struct Layout {
        let shape: Int
        let centroids: Int
        let assignment: Int
        let biases: Int
        let residualAxes: Int
        let probeAxes: Int
        let axes: Int
        let starts: Int
        let codebooks: Int
        let residualSquares: Int
        let errorSquares: Int
        let size: Int

        /// Nil for a shape that no file can have.
        init?(_ of: Shape) {
            let dimension = Int(of.dimension)
            let spaces = Int(of.groups) * Int(csk_group_codes)
            var sections = Sections()
            shape = sections.next(Shape.self, 1)
            centroids = sections.next(Float.self, Int(of.listCount), dimension)
            assignment = sections.next(Float.self, Int(of.listCount), dimension)
            biases = sections.next(Float.self, Int(of.listCount))
            residualAxes = sections.next(Float.self, dimension, dimension)
            probeAxes = sections.next(Float.self, dimension, dimension)
            axes = sections.next(UInt32.self, Int(of.axisCount))
            starts = sections.next(UInt32.self, spaces + 1)
            codebooks = sections.next(Float.self, Int(of.axisCount), Int(csk_code_values))
            residualSquares = sections.next(Float.self, dimension)
            errorSquares = sections.next(Float.self, dimension)
            size = sections.end
            guard !sections.isTooLarge else { return nil }
        }
    }

    let shape: Shape

    /// As many vectors as rows have numbers.
    static let mostVectors = UInt64(UInt32.max)

    /// No number of a quantizer is larger: vectors have length 1, and nothing stretches them by more than a few hundred.
    static let furthest: Float = 1e6

    /// A quantizer over a region whose sections are filled; nil if they contradict each other, or if a number is not
    /// one that training gives.
    ///
    /// A region may be a file that anybody has written: everything that the kernels use as a place, a count or a
    /// factor is compared with what is possible. O(lists · dimension + dimension²).
    init?(_ region: Region, file: SavedFile?) {
        guard region.count >= MemoryLayout<Shape>.size else { return nil }
        let shape = unsafe region.start.load(as: Shape.self)
        guard shape.isPossible, let layout = Layout(shape), region.count == layout.size else { return nil }
        let spaces = Int(shape.groups) * Int(csk_group_codes)
        let axes = unsafe (region.start + layout.axes).assumingMemoryBound(to: UInt32.self)
        let starts = unsafe (region.start + layout.starts).assumingMemoryBound(to: UInt32.self)
        guard unsafe starts[0] == 0, unsafe starts[spaces] == shape.axisCount,
            (0..<spaces).allSatisfy({ unsafe starts[$0] <= starts[$0 + 1] }),
            (0..<Int(shape.axisCount)).allSatisfy({ unsafe axes[$0] < shape.dimension })
        else { return nil }
        func areWithin(_ offset: Int, _ count: Int, from least: Float) -> Bool {
            let numbers = unsafe (region.start + offset).assumingMemoryBound(to: Float.self)
            return unsafe csk_are_within(numbers, count, least, Self.furthest) != 0
        }
        let (rows, square) = (
            Int(shape.listCount) * Int(shape.dimension), Int(shape.dimension) * Int(shape.dimension)
        )
        let values = Int(shape.axisCount) * Int(csk_code_values)
        guard areWithin(layout.centroids, rows, from: -Self.furthest),
            areWithin(layout.assignment, rows, from: -Self.furthest),
            areWithin(layout.biases, Int(shape.listCount), from: -Self.furthest),
            areWithin(layout.residualAxes, square, from: -Self.furthest),
            areWithin(layout.probeAxes, square, from: -Self.furthest),
            areWithin(layout.codebooks, values, from: -Self.furthest),
            areWithin(layout.residualSquares, Int(shape.dimension), from: 0),
            areWithin(layout.errorSquares, Int(shape.dimension), from: 0)
        else { return nil }
        self.region = region
        self.shape = shape
        self.file = file
        dimension = Int(shape.dimension)
        listCount = Int(shape.listCount)
        groups = Int(shape.groups)
        func floats(_ offset: Int) -> UnsafePointer<Float> {
            unsafe (region.start + offset).assumingMemoryBound(to: Float.self)
        }
        unsafe table = .allocate(capacity: 1)
        unsafe table.initialize(
            to: csk_quantizer(
                dimension: dimension, list_count: listCount, groups: groups,
                centroids: floats(layout.centroids),
                assignment: floats(layout.assignment), biases: floats(layout.biases),
                residual_axes: floats(layout.residualAxes), probe_axes: floats(layout.probeAxes), axes: axes,
                starts: starts,
                codebooks: floats(layout.codebooks), residual_squares: floats(layout.residualSquares),
                error_squares: floats(layout.errorSquares), row_step: shape.rowStep, spread: shape.spread))
    }

    deinit { unsafe table.deallocate() }

    /// Bytes of the codes of one face.
    var codeBytes: Int { groups * Int(csk_group_bytes) / Int(csk_block_faces) }

    /// The mean square that codes left over of the vectors it was trained on.
    var trainedError: Float { shape.trainedError }

    /// Vectors there were when it was trained.
    var trainedCount: Int { Int(shape.trainedCount) }

    var centroids: UnsafePointer<Float> { unsafe table.pointee.centroids }

    /// The lists' centres as vectors are assigned to them; the caller frees them.
    func packedCentres() throws(IndexError) -> OpaquePointer {
        let made = unsafe csk_centres_new(
            table.pointee.assignment, table.pointee.biases, listCount, dimension)
        guard let made = unsafe made else { throw .noMemory(bytes: listCount * dimension) }
        return unsafe made
    }
}
