/// What is known of each page of a file: two bits.
struct PageMarks {
    /// A transaction may allocate this many pages and free them again before it writes them.
    static let mostUnwritten = 1 << 24

    private var used: [UInt64]
    private var free: [UInt64]

    init(count: Int) {
        used = [UInt64](repeating: 0, count: count / 64 + 1)
        free = used
    }

    /// Notes that a page is in use; false when it was before, or is free.
    mutating func use(_ page: Int) -> Bool {
        let (word, bit) = (page / 64, UInt64(1) << (UInt64(page) % 64))
        guard (used[word] | free[word]) & bit == 0 else { return false }
        used[word] |= bit
        return true
    }

    /// Notes that a page is free; false when it was before, or is in use.
    mutating func release(_ page: Int) -> Bool {
        let (word, bit) = (page / 64, UInt64(1) << (UInt64(page) % 64))
        guard (used[word] | free[word]) & bit == 0 else { return false }
        free[word] |= bit
        return true
    }

    func isFree(_ page: Int) -> Bool { free[page / 64] >> (UInt64(page) % 64) & 1 == 1 }
    func isUsed(_ page: Int) -> Bool { used[page / 64] >> (UInt64(page) % 64) & 1 == 1 }

    /// Pages that were allocated last and freed in the same transaction are counted and never written: behind the
    /// end of the file there are no others.
    func problem(ofFile pagesInFile: Int, lastPage: Int) -> String? {
        guard pagesInFile <= lastPage else { return nil }
        for page in pagesInFile...lastPage where !isFree(page) {
            return "page \(page) is counted, and neither in the file nor free"
        }
        return nil
    }
}

extension PageWalk {
    /// One record of the free list: a count and that many page numbers, descending; the key is a commit's number.
    mutating func visitFreeList(_ value: RecordValue, key: UInt64) {
        guard 1...max(transaction, 1) ~= key else {
            return note("\(Self.freeList): a record of commit \(key), which was not yet")
        }
        guard value.size >= 8, value.available >= 8, value.number64(0) <= UInt64(value.size / 8 - 1),
            value.number64(0) <= UInt64(value.available / 8 - 1)
        else { return note("\(Self.freeList): a record promises more pages than it holds") }
        var previous = UInt64(lastPage) + 1
        for index in 0..<Int(value.number64(0)) {
            let number = value.number64(8 + 8 * index)
            guard number >= 2, number < previous else {
                return note("\(Self.freeList): page \(number) does not exist or is out of order")
            }
            previous = number
            let page = Int(number)
            if pages.isUsed(page) {
                note("\(Self.freeList): page \(page) is in use")
            } else if !pages.release(page) {
                note("\(Self.freeList): page \(page) is listed twice")
            }
            if isOver { return }
        }
    }
}
