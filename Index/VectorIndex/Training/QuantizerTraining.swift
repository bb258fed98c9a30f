internal import CFaiss
internal import CSearchKernels
internal import Glibc
internal import Synchronization

/// Makes a quantizer from a sample of vectors: centroids, axes, codes, and what these leave over.
struct QuantizerTraining {
    let dimension: Int
    let kernel: Kernel
    let threads: Int

    /// Lists for `count` vectors: few, as codes are read at a tenth of a nanosecond a face, and choosing among
    /// lists is not free.
    static func listCount(for count: Int) -> Int {
        max(16, min(65_536, Int(0.6 * Double(count).squareRoot())))
    }

    /// Vectors that are looked at for lists of `count` vectors.
    static func sampleCount(for count: Int) -> Int { min(count, max(40_000, 100 * listCount(for: count))) }

    private static let rounds: Int32 = 8
    private static let codeRounds: Int32 = 10
    private static let mostCodeRows = 32_768

    /// Groups of 21 codes a face: one of 16 bytes up to 192 dimensions, two beyond.
    private var groups: Int { dimension <= 192 ? 1 : 2 }
    private var spaces: Int { groups * Int(csk_group_codes) }

    /// A quantizer for `count` vectors, of which `sample` (row-major) are some, at least as many as lists.
    ///
    /// Lists are made of vectors as they are. Residuals are stretched before they are coded, by the root of the
    /// vectors' second moments: an error counts for more in a direction in which probes are long (after the anisotropic
    /// loss of Guo and others, "Accelerating large-scale inference with anisotropic vector quantization", 2020). For
    /// templates that are even over the sphere nothing changes; those that are a narrow cone, as dlib's, differ little
    /// in how near they are to its middle, and that little makes most of their products. The same sample gives the
    /// same quantizer. O(sample · (lists + dimension) · dimension).
    func quantizer(for count: Int, sample: [Float]) throws(IndexError) -> Quantizer {
        let rows = sample.count / dimension
        let lists = min(Self.listCount(for: count), rows)
        let weights = try ProbeWeights(sample, rows, self)
        let centroids = try trainedCentroids(sample, rows, lists)
        let residuals = turned(try residuals(sample, rows, centroids, lists), by: weights.stretch)
        let coded = residuals.count / dimension
        let (axes, squares) = try principalAxes(residuals, coded)
        let turnedResiduals = turned(residuals, by: axes)
        let (order, starts) = allocation(squares)
        let books = try codebooks(turnedResiduals, coded, order, starts)
        let largest = turnedResiduals.reduce(Float(0)) { max($0, abs($1)) }
        let shape = Quantizer.Shape(
            dimension: UInt32(dimension), listCount: UInt32(lists), groups: UInt32(groups),
            axisCount: UInt32(order.count),
            // Room for those that are larger than any of the sample: a number that is cut off is a face lost.
            rowStep: max(1.2 * largest / 127, 1e-9), spread: 0, trainedError: 0,
            trainedCount: UInt64(count))
        guard let layout = Quantizer.Layout(shape) else { throw .noMemory(bytes: .max) }
        let region = try Region(zeros: layout.size)
        unsafe region.writable.storeBytes(of: shape, as: Quantizer.Shape.self)
        region.put(centroids, at: layout.centroids)
        region.put(centroids, at: layout.assignment)
        region.put(halfSquares(of: centroids, lists).map { -$0 }, at: layout.biases)
        region.put(turned(axes, by: weights.stretch), at: layout.residualAxes)
        region.put(turned(axes, by: weights.shrink), at: layout.probeAxes)
        region.put(order, at: layout.axes)
        region.put(starts, at: layout.starts)
        region.put(books, at: layout.codebooks)
        return try measured(region, layout, turnedResiduals, coded)
    }

    /// Products of rows with the rows of a square matrix.
    func turned(_ rows: [Float], by matrix: [Float]) -> [Float] {
        unsafe [Float](unsafeUninitializedCapacity: rows.count) { out, count in
            guard let to = out.baseAddress else { return }
            unsafe csk_turn(kernel.table, matrix, dimension, rows, rows.count / dimension, to)
            count = rows.count
        }
    }

    /// Products of the rows of one square matrix with those of another.
    func turned(_ rows: [Float], times others: [Float]) -> [Float] { turned(rows, by: others) }

    private func halfSquares(of rows: [Float], _ count: Int) -> [Float] {
        (0..<count).map { row in
            rows[row * dimension..<(row + 1) * dimension].reduce(Float(0)) { $0 + $1 * $1 } / 2
        }
    }

    private func trainedCentroids(_ sample: [Float], _ rows: Int, _ lists: Int) throws(IndexError) -> [Float] {
        var centroids = [Float](repeating: 0, count: lists * dimension)
        var message = cfaiss_message()
        let status = unsafe cfaiss_train_centroids(
            kernel.table, sample, rows, dimension, lists, Self.rounds, Int32(clamping: threads), &centroids,
            &message)
        guard status == cfaiss_done else { throw .faiss(message.line) }
        return centroids
    }

    /// What centroids leave over of some rows at equal distances.
    private func residuals(
        _ sample: [Float], _ rows: Int, _ centroids: [Float], _ lists: Int
    ) throws(IndexError) -> [Float] {
        guard let centres = unsafe csk_centres_new(centroids, nil, lists, dimension) else {
            throw .noMemory(bytes: lists * dimension)
        }
        defer { unsafe csk_centres_free(centres) }
        let coded = min(rows, Self.mostCodeRows)
        let picked = (0..<coded).map { $0 * rows / coded }
        var best = [UInt32](repeating: 0, count: coded)
        let isAssigned = unsafe sample.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return true }
            let vectors = unsafe picked.map { unsafe start + $0 * dimension }
            return unsafe csk_assign(kernel.table, centres, vectors, coded, &best) != 0
        }
        guard isAssigned else { throw .noMemory(bytes: coded * dimension) }
        var residuals: [Float] = []
        residuals.reserveCapacity(coded * dimension)
        for (row, list) in zip(picked, best) {
            for axis in 0..<dimension {
                residuals.append(sample[row * dimension + axis] - centroids[Int(list) * dimension + axis])
            }
        }
        return residuals
    }

    func principalAxes(
        _ rows: [Float], _ count: Int
    ) throws(IndexError) -> (axes: [Float], squares: [Float]) {
        var axes = [Float](repeating: 0, count: dimension * dimension)
        var squares = [Float](repeating: 0, count: dimension)
        var message = cfaiss_message()
        let status = unsafe cfaiss_principal_axes(rows, count, dimension, &axes, &squares, &message)
        guard status == cfaiss_done else { throw .faiss(message.line) }
        return (axes, squares)
    }

    /// Which axes share a code.
    ///
    /// As many for each, and so dealt out that the product of their squares is about the same everywhere (Ge, He, Ke and Sun, "Optimized product quantization", 2013). The last few may have none.
    private func allocation(_ squares: [Float]) -> (axes: [UInt32], starts: [UInt32]) {
        let width = max(1, dimension / spaces)
        var dealt = [[UInt32]](repeating: [], count: spaces)
        var products = [Float](repeating: 0, count: spaces)
        let floor = max(squares.first ?? 0, 1e-20) * 1e-9
        for axis in 0..<min(dimension, spaces * width) {
            let open = (0..<spaces).filter { dealt[$0].count < width }
            guard let least = open.min(by: { products[$0] < products[$1] }) else { break }
            dealt[least].append(UInt32(axis))
            // Above zero for every axis, so that a space with fewer axes has the smaller product.
            products[least] += log(max(squares[axis], floor) / floor) + 1e-3
        }
        var starts: [UInt32] = [0]
        for axes in dealt { starts.append(starts[starts.count - 1] + UInt32(axes.count)) }
        return (Array(dealt.joined()), starts)
    }

    /// 64 values for each space, an axis after the other as the kernels read them.
    private func codebooks(
        _ turned: [Float], _ count: Int, _ axes: [UInt32], _ starts: [UInt32]
    ) throws(IndexError) -> [Float] {
        let values = Int(csk_code_values)
        let made = Mutex([Float](repeating: 0, count: axes.count * values))
        let failure = Mutex<IndexError?>(nil)
        let next = Atomic(0)
        inParallel(threads) { _ in
            while true {
                let space = next.add(1, ordering: .relaxed).oldValue
                guard space < spaces else { return }
                let own = Int(starts[space])..<Int(starts[space + 1])
                guard !own.isEmpty else { continue }
                do throws(IndexError) {
                    let book = try codebook(turned, count, axes[own])
                    made.withLock { made in
                        for (at, place) in own.enumerated() {
                            for value in 0..<values {
                                made[place * values + value] = book[value * own.count + at]
                            }
                        }
                    }
                } catch { failure.withLock { $0 = $0 ?? error } }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return made.withLock { $0 }
    }

    private func codebook(
        _ turned: [Float], _ count: Int, _ axes: ArraySlice<UInt32>
    ) throws(IndexError) -> [Float] {
        var rows: [Float] = []
        rows.reserveCapacity(count * axes.count)
        for row in 0..<count { for axis in axes { rows.append(turned[row * dimension + Int(axis)]) } }
        let values = Int(csk_code_values)
        var book = [Float](repeating: 0, count: values * axes.count)
        var message = cfaiss_message()
        let status = unsafe cfaiss_train_codebook(
            rows, count, axes.count, values, Self.codeRounds, &book, &message)
        guard status == cfaiss_done else { throw .faiss(message.line) }
        return book
    }

    /// The quantizer of a region that lacks only what its codes leave over.
    private func measured(
        _ region: Region, _ layout: Quantizer.Layout, _ turned: [Float], _ count: Int
    ) throws(IndexError) -> Quantizer {
        var residuals = [Double](repeating: 0, count: dimension)
        var errors = [Double](repeating: 0, count: dimension)
        guard let unmeasured = Quantizer(region, file: nil),
            let encoder = unsafe csk_encoder_new(unmeasured.table)
        else { throw .noMemory(bytes: layout.size) }
        unsafe csk_sum_squares(
            kernel.table, unmeasured.table, encoder, turned, count, &residuals, &errors)
        unsafe csk_encoder_free(encoder)
        let share = 1 / Double(count)
        region.put(residuals.map { Float($0 * share) }, at: layout.residualSquares)
        region.put(errors.map { Float(max(0, $0 * share)) }, at: layout.errorSquares)
        unsafe region.writable.withMemoryRebound(to: Quantizer.Shape.self, capacity: 1) { shape in
            unsafe shape.pointee.spread = Float((residuals.reduce(0, +) * share).squareRoot())
            unsafe shape.pointee.trainedError = Float(max(0, errors.reduce(0, +) * share))
        }
        guard let quantizer = Quantizer(region, file: nil) else {
            throw .faiss("the quantizer does not fit together")
        }
        return quantizer
    }
}

extension Region {
    /// Writes elements into a section, for the maker of the region.
    func put<Element: BitwiseCopyable>(_ elements: [Element], at offset: Int) {
        unsafe elements.withUnsafeBytes { bytes in
            precondition(offset + bytes.count <= count)
            guard let from = bytes.baseAddress else { return }
            unsafe (writable + offset).copyMemory(from: from, byteCount: bytes.count)
        }
    }
}

extension cfaiss_message {
    /// The message as a string.
    var line: String {
        unsafe withUnsafeBytes(of: text) { bytes in
            let end = unsafe bytes.firstIndex(of: 0) ?? bytes.count
            return unsafe String(decoding: bytes[..<end], as: UTF8.self)
        }
    }
}
