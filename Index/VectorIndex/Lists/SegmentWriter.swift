internal import CSearchKernels
internal import Synchronization

/// A segment in the making: how many rows each list has is known, the rows come in any order.
@safe final class SegmentWriter: @unchecked Sendable {
    // Unchecked and safe: threads write rows of their own, and `finished` is called after all of them.
    let quantizer: Quantizer
    let region: Region
    let lists: UnsafeMutablePointer<csk_list>
    let ids: UnsafeMutablePointer<Int64>
    let blocks: UnsafeMutablePointer<UInt8>
    let rows: UnsafeMutablePointer<UInt8>
    /// Row numbers by ascending id.
    let directory: UnsafeMutablePointer<UInt32>
    private let layout: Segment.Layout
    private let rowCount: Int

    init(_ quantizer: Quantizer, rowsOfLists: [Int]) throws(IndexError) {
        self.quantizer = quantizer
        let blockCount = rowsOfLists.reduce(0) { $0 + Segment.blockCount(rows: $1) }
        rowCount = rowsOfLists.reduce(0, +)
        let shape = Segment.Shape(
            dimension: UInt32(quantizer.dimension), listCount: UInt32(quantizer.listCount),
            groups: UInt32(quantizer.groups), rowCount: UInt64(rowCount), blockCount: UInt64(blockCount),
            codeError: 0)
        guard let layout = Segment.Layout(shape) else { throw .noMemory(bytes: .max) }
        self.layout = layout
        region = try Region(zeros: layout.size)
        let start = unsafe region.writable
        unsafe start.storeBytes(of: shape, as: Segment.Shape.self)
        unsafe lists = (start + layout.lists).assumingMemoryBound(to: csk_list.self)
        unsafe ids = (start + layout.ids).assumingMemoryBound(to: Int64.self)
        unsafe blocks = (start + layout.blocks).assumingMemoryBound(to: UInt8.self)
        unsafe rows = (start + layout.rows).assumingMemoryBound(to: UInt8.self)
        unsafe directory = (start + layout.directory).assumingMemoryBound(to: UInt32.self)
        var row = 0
        var block = 0
        for (list, count) in rowsOfLists.enumerated() {
            unsafe lists[list] = csk_list(
                first_row: UInt32(row), row_count: UInt32(count), first_block: UInt32(block), spread: 0,
                reach: 0,
                error: 0)
            row += count
            block += Segment.blockCount(rows: count)
        }
    }

    /// Fills the directory, once the ids of all rows are there.
    func sortDirectory() throws(IndexError) {
        guard unsafe csk_sort_directory(ids, rowCount, directory) != 0 else {
            throw .noMemory(bytes: 4 * rowCount)
        }
    }

    /// The segment, once every row and the directory are written.
    func finished(facts: [csk_list_facts], codeError: Double) throws(IndexError) -> Segment {
        for list in 0..<quantizer.listCount {
            let count = unsafe Double(lists[list].row_count)
            unsafe lists[list].spread = count > 0 ? Float((facts[list].squares / count).squareRoot()) : 0
            unsafe lists[list].reach = facts[list].reach
            // Roundings of the comparison itself.
            unsafe lists[list].error = facts[list].error * 1.0001 + 1e-6
        }
        let start = unsafe region.writable
        unsafe start.withMemoryRebound(to: Segment.Shape.self, capacity: 1) {
            unsafe $0.pointee.codeError = codeError
        }
        guard let segment = Segment(region, quantizer: quantizer, file: nil) else {
            throw .faiss("a segment of \(rowCount) rows does not fit together")
        }
        return segment
    }
}

/// Facts of lists that several threads gather.
struct ListFacts {
    var lists: [csk_list_facts]
    var codeError = 0.0

    init(listCount: Int) {
        lists = Array(repeating: csk_list_facts(squares: 0, reach: 0, error: 0), count: listCount)
    }

    mutating func add(_ other: ListFacts) {
        for list in lists.indices {
            lists[list].squares += other.lists[list].squares
            lists[list].reach = max(lists[list].reach, other.lists[list].reach)
            lists[list].error = max(lists[list].error, other.lists[list].error)
        }
        codeError += other.codeError
    }
}
