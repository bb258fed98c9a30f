/// Which rows of a base or a tail are no longer answers: one bit a row, set if removed.
///
/// Built by `removing` and never changed afterwards, so that searches may read it while the next one is made.
@safe final class RemovedRows: @unchecked Sendable {
    // Unchecked: the words are written only before the initialiser returns.

    /// How many rows the bits cover.
    let capacity: Int

    /// How many bits are set.
    let count: Int

    private let storage: UnsafeMutablePointer<UInt64>

    /// The words, for the scan.
    ///
    /// They live as long as this object.
    var words: UnsafePointer<UInt64> { unsafe UnsafePointer(storage) }

    /// How many words hold `rows` bits.
    static func wordCount(rows: Int) -> Int { (rows + 63) / 64 }

    /// The bits of `earlier`, made long enough for `capacity` rows, and those of `rows` set in addition.
    ///
    /// O(capacity / 64 + rows). Every row is in 0 ..< capacity.
    init(earlier: RemovedRows?, capacity: Int, removing rows: some Sequence<Int>) {
        let capacity = max(capacity, earlier?.capacity ?? 0)
        let words = Self.wordCount(rows: capacity)
        unsafe storage = .allocate(capacity: max(words, 1))
        unsafe storage.initialize(repeating: 0, count: max(words, 1))
        if let earlier {
            unsafe storage.update(from: earlier.storage, count: Self.wordCount(rows: earlier.capacity))
        }
        var count = earlier?.count ?? 0
        for row in rows {
            precondition(row >= 0 && row < capacity)
            let bit = UInt64(1) << UInt64(row % 64)
            if unsafe storage[row / 64] & bit == 0 { count += 1 }
            unsafe storage[row / 64] |= bit
        }
        self.capacity = capacity
        self.count = count
    }

    /// The bits of `words`, as they were saved; bits from `capacity` on are taken as not set.
    init(words: [UInt64], capacity: Int) {
        let wordCount = Self.wordCount(rows: capacity)
        unsafe storage = .allocate(capacity: max(wordCount, 1))
        unsafe storage.initialize(repeating: 0, count: max(wordCount, 1))
        var count = 0
        for index in 0..<min(wordCount, words.count) {
            let inside = capacity - index * 64
            let mask = inside >= 64 ? UInt64.max : (UInt64(1) << UInt64(inside)) - 1
            unsafe storage[index] = words[index] & mask
            count += (words[index] & mask).nonzeroBitCount
        }
        self.capacity = capacity
        self.count = count
    }

    deinit { unsafe storage.deallocate() }

    /// Whether `row` is removed.
    ///
    /// Rows from `capacity` on are not.
    func contains(_ row: Int) -> Bool {
        guard row >= 0 && row < capacity else { return false }
        return unsafe storage[row / 64] >> UInt64(row % 64) & 1 != 0
    }

    /// The words as an array, for saving.
    func arrayOfWords() -> [UInt64] {
        unsafe Array(UnsafeBufferPointer(start: storage, count: Self.wordCount(rows: capacity)))
    }
}
