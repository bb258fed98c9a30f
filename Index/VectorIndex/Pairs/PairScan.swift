internal import CSearchKernels
internal import Synchronization

/// Two rows and how alike they are.
public struct RowPair: Sendable, Equatable {
    /// The earlier row.
    public let first: Int
    /// The later row.
    public let second: Int
    /// Cosine, −1…1.
    public let similarity: Float

    /// Collects the parts.
    public init(first: Int, second: Int, similarity: Float) {
        self.first = first
        self.second = second
        self.similarity = similarity
    }
}

/// Compares every vector with every other and finds all pairs that are alike enough.
///
/// Nothing is missed: bytes exclude what a bound proves to be too little alike, and what is left is compared in
/// float32 with the kernels of exact search, so that all instruction sets find the same pairs with the same bits.
public struct PairScan: Sendable {
    private let vectors: LentVectors
    /// Rows of one group are not compared.
    private let groups: [UInt32]
    private let packed: PackedRows
    private let kernel: Kernel

    /// Columns that stay in the second-level cache while all rows pass by.
    private static let blockTiles = 48
    /// Rows between two looks at the bar.
    private static let tilesBetweenLooks = 1 << 12

    /// Prepares a scan: O(count · dimension), and one byte per number of memory on top of what is lent.
    ///
    /// - Parameters:
    ///   - vectors: of unit length.
    ///   - groups: one a row; pairs within a group are left out.
    /// - Throws: `wrongDimension` where there is not one group a row, `unknownKernel`.
    public init(_ vectors: LentVectors, groups: [UInt32]) throws(IndexError) {
        guard groups.count == vectors.count else {
            throw .wrongDimension(floats: groups.count, vectors: vectors.count, dimension: 1)
        }
        kernel = try Kernel.chosen()
        self.vectors = vectors
        self.groups = groups
        packed = PackedRows(vectors)
    }

    /// What a scan is asked for, and told while it runs.
    public struct Request: Sendable {
        /// Threads that compare, 1 or more.
        public var threads: Int
        /// The similarity that pairs must reach; asked for again and again, it may rise as pairs come in.
        public var least: @Sendable () -> Float
        /// Takes pairs as they are found, from one thread at a time, in no order.
        public var take: @Sendable ([RowPair]) -> Void
        /// Is told, from one thread at a time, the share of the work that is done.
        public var progress: @Sendable (Double) -> Void
        /// Whether to go on; asked by every thread.
        public var goesOn: @Sendable () -> Bool
        /// Rows before this one are known to each other: only pairs whose later row is this one or a later one are found.
        public var firstNew = 0

        /// A scan from one similarity on.
        public init(threads: Int, least: @escaping @Sendable () -> Float) {
            self.threads = threads
            self.least = least
            take = { _ in }
            progress = { _ in }
            goesOn = { true }
        }
    }

    /// Finds the pairs.
    ///
    /// O(count² · dimension / 2) products of bytes; with `firstNew`, O(count · (count − firstNew) · dimension).
    /// - Throws: `badThreads`; `cancelled` where it was told not to go on.
    public func run(_ request: Request) throws(IndexError) {
        guard request.threads >= 1 else { throw .badThreads(request.threads) }
        let blocks = (packed.tiles + Self.blockTiles - 1) / Self.blockTiles
        let known = min(max(0, request.firstNew), packed.count) / (Self.blockTiles * PackedRows.tileRows)
        let job = ScanJob(blocks: min(known, blocks)..<blocks)
        inParallel(min(request.threads, max(1, blocks - known))) { _ in
            var worker = BlockWorker(scan: self, request: request, job: job)
            // The longest first, so that threads end together.
            while let block = job.next(), request.goesOn() { worker.run(block) }
        }
        if !request.goesOn() { throw .cancelled }
    }

    /// What the threads of a scan share.
    fileprivate final class ScanJob: Sendable {
        private let left: Mutex<Int>
        private let first: Int
        private let done = Mutex(0.0)
        private let total: Double

        init(blocks: Range<Int>) {
            left = Mutex(blocks.upperBound)
            first = blocks.lowerBound
            func work(_ blocks: Int) -> Double { Double(blocks) * Double(blocks + 1) / 2 }
            total = work(blocks.upperBound) - work(blocks.lowerBound)
        }

        func next() -> Int? {
            left.withLock { left in
                guard left > first else { return nil }
                left -= 1
                return left
            }
        }

        /// Hands on what a thread has found, and how far the scan is.
        func deliver(_ pairs: [RowPair], work: Int, to request: Request) {
            done.withLock { done in
                if !pairs.isEmpty { request.take(pairs) }
                guard work > 0 else { return }
                done += Double(work)
                request.progress(done / total)
            }
        }
    }

    /// One thread's memory, used for block after block.
    @safe fileprivate struct BlockWorker: ~Copyable {
        // Safe: the buffers are this thread's own and freed with it.
        private let scan: PairScan
        private let request: Request
        private let job: ScanJob
        private let columns: UnsafeMutablePointer<UInt8>
        private let columnStarts: UnsafeMutablePointer<Int32>
        private let rowStarts: UnsafeMutablePointer<Int32>
        private let hits: UnsafeMutablePointer<UInt32>
        private var pairs: [RowPair] = []

        private static let tileRows = PackedRows.tileRows
        /// Pairs that a thread keeps before it hands them on.
        private static let most = 1 << 14

        init(scan: PairScan, request: Request, job: ScanJob) {
            self.scan = scan
            self.request = request
            self.job = job
            let columnCount = PairScan.blockTiles * Self.tileRows
            unsafe columns = .allocate(capacity: columnCount * scan.packed.width)
            unsafe columnStarts = .allocate(capacity: columnCount)
            unsafe rowStarts = .allocate(capacity: Self.tileRows)
            unsafe hits = .allocate(capacity: columnCount * Self.tileRows)
        }

        deinit {
            unsafe columns.deallocate()
            unsafe columnStarts.deallocate()
            unsafe rowStarts.deallocate()
            unsafe hits.deallocate()
        }

        /// Compares the columns of a block with all rows before their end.
        mutating func run(_ block: Int) {
            let packed = scan.packed
            let first = block * PairScan.blockTiles
            let tiles = first..<min(packed.tiles, first + PairScan.blockTiles)
            let tileBytes = Self.tileRows * packed.width
            unsafe csk_bias_tiles(packed.bytes + first * tileBytes, tiles.count * tileBytes, columns)
            var least = request.least()
            unsafe packed.columnStarts(tiles: tiles, least: least, into: columnStarts)
            for tile in 0..<tiles.upperBound {
                if tile % PairScan.tilesBetweenLooks == 0 || pairs.count >= Self.most {
                    if pairs.count >= Self.most { handOn(work: 0) }
                    guard request.goesOn() else { return }
                    let now = request.least()
                    if now > least {
                        least = now
                        unsafe packed.columnStarts(tiles: tiles, least: least, into: columnStarts)
                    }
                }
                unsafe packed.rowStarts(tile, into: rowStarts)
                let count = unsafe scan.kernel.table.pointee.pairs(
                    packed.bytes + tile * tileBytes, packed.sums + tile * Self.tileRows, rowStarts, columns,
                    columnStarts, packed.width, tiles.count, hits)
                if count > 0 { judge(count, tile: tile, firstColumn: first * Self.tileRows, least: least) }
            }
            handOn(work: block + 1)
        }

        private mutating func judge(_ count: Int, tile: Int, firstColumn: Int, least: Float) {
            for hit in 0..<count {
                let found = unsafe Int(hits[hit])
                let row = tile * Self.tileRows + found % Self.tileRows
                let column = firstColumn + found / Self.tileRows
                guard row < column, column < scan.packed.count, column >= request.firstNew,
                    scan.groups[row] != scan.groups[column]
                else { continue }
                var similarity: Float = 0
                unsafe scan.kernel.table.pointee.rows(
                    scan.vectors[row], scan.vectors[column], 1, scan.vectors.dimension, &similarity)
                if similarity >= least {
                    pairs.append(RowPair(first: row, second: column, similarity: similarity))
                }
            }
        }

        private mutating func handOn(work: Int) {
            job.deliver(pairs, work: work, to: request)
            pairs.removeAll(keepingCapacity: true)
        }
    }
}
