internal import CSearchKernels
internal import Glibc
internal import Synchronization

/// Puts vectors into a new segment: to each its list, then code and bytes into place.
struct SegmentBuilder {
    let quantizer: Quantizer
    let kernel: Kernel
    let threads: Int

    /// Vectors a thread looks at in one turn.
    private static let batch = 1_024
    /// Turns after which a thread lets go of what it has read.
    private static let turnsRemembered = 4

    /// Rows for the vectors of `ids`, which ascend; those that the source does not have are left out.
    ///
    /// O(vectors · (lists + dimension) · dimension), divided among the threads.
    func segment(of ids: [Int64], from source: any VectorSource) throws(IndexError) -> Segment {
        let part = try part(of: ids, from: source)
        // Rows that nobody wrote would answer as somebody else: better no segment.
        guard part.removed == nil else {
            throw .source("\(part.removed?.count ?? 0) vectors disappeared while they were put into lists")
        }
        return part.segment
    }

    /// The same, where vectors may go away meanwhile: their rows are then marked as removed.
    func part(of ids: [Int64], from source: any VectorSource) throws(IndexError) -> SegmentPart {
        var (ids, lists) = (ids, try assigned(ids, source))
        if lists.contains(Self.absent) {
            let present = lists.indices.filter { lists[$0] != Self.absent }
            (ids, lists) = (present.map { ids[$0] }, present.map { lists[$0] })
        }
        var rowsOfLists = [Int](repeating: 0, count: quantizer.listCount)
        for list in lists { rowsOfLists[Int(list)] += 1 }
        let writer = try SegmentWriter(quantizer, rowsOfLists: rowsOfLists)
        // Ids ascend, so the rows that they get are the directory.
        var next = (0..<quantizer.listCount).map { unsafe writer.lists[$0].first_row }
        for (place, list) in lists.enumerated() {
            unsafe writer.directory[place] = next[Int(list)]
            next[Int(list)] += 1
        }
        let (facts, gone) = try encoded(ids, lists, source, writer)
        let segment = try writer.finished(facts: facts.lists, codeError: facts.codeError)
        return SegmentPart(
            segment: segment,
            removed: gone.isEmpty
                ? nil : RemovedRows(earlier: nil, capacity: segment.rowCount, removing: gone))
    }

    private static let absent = UInt32.max

    /// The list of each vector.
    private func assigned(_ ids: [Int64], _ source: any VectorSource) throws(IndexError) -> [UInt32] {
        let centres = unsafe try quantizer.packedCentres()
        defer { unsafe csk_centres_free(centres) }
        let lists = try SharedArray<UInt32>(count: ids.count, repeating: Self.absent)
        let packed = unsafe SharedPointer(centres)
        try eachBatch(ids.count) { part throws(IndexError) in
            try source.reading { reader throws(IndexError) in
                var batch = VectorBatch(capacity: Self.batch)
                var turns = 0
                while let range = part.next() {
                    turns += 1
                    if turns.isMultiple(of: Self.turnsRemembered) { reader.forget() }
                    batch.read(ids, range, reader)
                    guard batch.count > 0 else { continue }
                    var best = [UInt32](repeating: 0, count: batch.count)
                    guard
                        unsafe csk_assign(kernel.table, packed.pointer, batch.vectors, batch.count, &best) != 0
                    else { throw .noMemory(bytes: batch.count * quantizer.dimension) }
                    for (at, row) in batch.places.enumerated() { unsafe lists.start[row] = best[at] }
                }
            }
        }
        return lists.array
    }

    /// Writes the rows; also returns those whose vectors have gone since their lists were chosen.
    private func encoded(
        _ ids: [Int64], _ lists: [UInt32], _ source: any VectorSource, _ writer: SegmentWriter
    ) throws(IndexError) -> (facts: ListFacts, gone: [Int]) {
        let all = Mutex((facts: ListFacts(listCount: quantizer.listCount), gone: [Int]()))
        try eachBatch(ids.count) { part throws(IndexError) in
            guard let encoder = unsafe csk_encoder_new(quantizer.table) else {
                throw .noMemory(bytes: 1 << 20)
            }
            defer { unsafe csk_encoder_free(encoder) }
            var facts = ListFacts(listCount: quantizer.listCount)
            var gone: [Int] = []
            try source.reading { reader throws(IndexError) in
                var batch = VectorBatch(capacity: Self.batch)
                var turns = 0
                while let range = part.next() {
                    turns += 1
                    if turns.isMultiple(of: Self.turnsRemembered) { reader.forget() }
                    batch.read(ids, range, reader)
                    if batch.count < range.count {
                        for place in Set(range).subtracting(batch.places) {
                            let row = unsafe Int(writer.directory[place])
                            // The directory is searched by the ids of all rows.
                            unsafe writer.ids[row] = ids[place]
                            gone.append(row)
                        }
                    }
                    guard batch.count > 0 else { continue }
                    unsafe encode(batch, ids, lists, encoder: encoder, writer, &facts)
                }
            }
            all.withLock {
                $0.facts.add(facts)
                $0.gone += gone
            }
        }
        return all.withLock { $0 }
    }

    private func encode(
        _ batch: VectorBatch, _ ids: [Int64], _ lists: [UInt32], encoder: OpaquePointer,
        _ writer: SegmentWriter, _ facts: inout ListFacts
    ) {
        let ownIDs = batch.places.map { ids[$0] }
        let ownLists = batch.places.map { lists[$0] }
        let ownRows = batch.places.map { unsafe writer.directory[$0] }
        var error = 0.0
        unsafe facts.lists.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            var sink = unsafe csk_row_sink(
                lists: writer.lists, blocks: writer.blocks, rows: writer.rows, ids: writer.ids, facts: start,
                code_error: 0)
            unsafe csk_encode(
                kernel.table, quantizer.table, encoder, batch.vectors, ownIDs, ownLists, ownRows, batch.count,
                &sink)
            unsafe error = sink.code_error
        }
        facts.codeError += error
    }

    /// Runs `body` on all threads; each takes batches of 0 ..< count until none is left.
    private func eachBatch(
        _ count: Int, _ body: @Sendable (BatchQueue) throws(IndexError) -> Void
    ) throws(IndexError) {
        let queue = BatchQueue(count: count, size: Self.batch)
        guard threads > 1, count > Self.batch else { return try body(queue) }
        let failure = Mutex<IndexError?>(nil)
        inParallel(threads) { _ in
            do throws(IndexError) { try body(queue) } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

/// Ranges that threads share out among themselves.
private final class BatchQueue: Sendable {
    private let count: Int
    private let size: Int
    private let begun = Atomic(0)

    init(count: Int, size: Int) {
        self.count = count
        self.size = size
    }

    func next() -> Range<Int>? {
        let start = begun.add(size, ordering: .relaxed).oldValue
        return start < count ? start..<min(count, start + size) : nil
    }
}

/// Pointers to vectors of some ids, where the source has them.
@safe private struct VectorBatch {
    // Safe: the pointers are good while the reader is, which the batch does not outlive.
    private(set) var vectors: [UnsafePointer<Float>] = unsafe []
    private(set) var places: [Int] = []

    init(capacity: Int) {
        unsafe vectors.reserveCapacity(capacity)
        places.reserveCapacity(capacity)
    }

    var count: Int { places.count }

    /// The vectors of `ids` in `range`.
    mutating func read(_ ids: [Int64], _ range: Range<Int>, _ reader: any VectorReader) {
        unsafe vectors.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        for place in range {
            guard let vector = unsafe reader.vector(of: ids[place]) else { continue }
            unsafe vectors.append(vector)
            places.append(place)
        }
    }
}

/// An array that several threads fill, each at places of its own.
@safe private final class SharedArray<Element: BitwiseCopyable>: @unchecked Sendable {
    // Unchecked and safe: see above; read only after the threads have been joined.
    let start: UnsafeMutablePointer<Element>
    private let count: Int

    init(count: Int, repeating element: Element) throws(IndexError) {
        let bytes = max(count, 1) * MemoryLayout<Element>.stride
        guard let memory = unsafe csk_allocate(bytes) else { throw .noMemory(bytes: bytes) }
        self.count = count
        unsafe start = memory.bindMemory(to: Element.self, capacity: max(count, 1))
        unsafe start.initialize(repeating: element, count: count)
    }

    deinit { unsafe free(start) }

    var array: [Element] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }
}

/// A pointer that several threads read through while its owner waits for them.
@safe private struct SharedPointer: @unchecked Sendable {
    // Unchecked and safe: what it points to is only read.
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }
}
