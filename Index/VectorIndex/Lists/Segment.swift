internal import CSearchKernels

/// Rows in lists, as they were built; never changed.
///
/// A region of sections: shape, lists, ids by row, rows by ascending id, blocks of codes, bytes of rows.
@safe final class Segment: @unchecked Sendable {
    // Unchecked and safe: the region is not written once it is here, and lives as long as this object.
    let region: Region
    let rowCount: Int
    let listCount: Int
    let lists: UnsafePointer<csk_list>
    let ids: UnsafePointer<Int64>
    let blocks: UnsafePointer<UInt8>
    let rows: UnsafePointer<UInt8>
    private let directory: UnsafePointer<UInt32>

    /// Sum of the squares that codes leave over.
    let codeError: Double

    /// The file it is in; nil while it is only in memory.
    let file: SavedFile?

    static let magic: UInt64 = 0x4D47_4553_4C41_4746  // "FGALSEGM"
    static let version: UInt32 = 1

    /// The first section.
    struct Shape: BitwiseCopyable {
        var magic = Segment.magic
        var version = Segment.version
        var dimension: UInt32
        var listCount: UInt32
        var groups: UInt32
        var rowCount: UInt64
        var blockCount: UInt64
        var codeError: Double
    }

    /// Where the sections of a shape begin.
    struct Layout {
        let shape: Int
        let lists: Int
        let ids: Int
        let directory: Int
        let blocks: Int
        let rows: Int
        let size: Int

        /// Nil for a shape that no file can have.
        init?(_ of: Shape) {
            // Rows have numbers of 32 bits, and every list begins a block.
            guard of.rowCount <= UInt64(UInt32.max), of.blockCount <= of.rowCount else { return nil }
            var sections = Sections()
            shape = sections.next(Shape.self, 1)
            lists = sections.next(csk_list.self, Int(of.listCount))
            ids = sections.next(Int64.self, Int(of.rowCount))
            directory = sections.next(UInt32.self, Int(of.rowCount))
            blocks = sections.next(UInt8.self, Int(of.blockCount), Int(of.groups) * Int(csk_group_bytes))
            rows = sections.next(UInt8.self, Int(of.rowCount), Int(of.dimension))
            size = sections.end
            guard !sections.isTooLarge else { return nil }
        }

        /// What an opening reads: everything before the ids.
        var headSize: Int { ids }
    }

    /// A segment over a region whose sections are filled; nil if they contradict each other or `quantizer`.
    ///
    /// A region may be a file that anybody has written. Lists are proven to follow one another and to end with the
    /// last row and block, so that a search that goes through lists stays inside. Ids and the directory of ids are not
    /// read here, only compared where they are used: there are too many. O(lists).
    init?(_ region: Region, quantizer: Quantizer, file: SavedFile?) {
        guard region.count >= MemoryLayout<Shape>.size else { return nil }
        let shape = unsafe region.start.load(as: Shape.self)
        guard shape.magic == Self.magic, shape.version == Self.version,
            Int(shape.dimension) == quantizer.dimension, Int(shape.listCount) == quantizer.listCount,
            Int(shape.groups) == quantizer.groups, shape.codeError.isFinite, shape.codeError >= 0,
            let layout = Layout(shape), region.count == layout.size
        else { return nil }
        let lists = unsafe (region.start + layout.lists).assumingMemoryBound(to: csk_list.self)
        var row = 0
        var block = 0
        for list in 0..<Int(shape.listCount) {
            let part = unsafe lists[list]
            let lengths: ClosedRange<Float> = 0...Quantizer.furthest
            guard Int(part.first_row) == row, Int(part.first_block) == block, lengths.contains(part.spread),
                lengths.contains(part.reach), lengths.contains(part.error)
            else { return nil }
            row += Int(part.row_count)
            block += Self.blockCount(rows: Int(part.row_count))
        }
        guard row == Int(shape.rowCount), block == Int(shape.blockCount) else { return nil }
        self.region = region
        self.file = file
        rowCount = row
        listCount = Int(shape.listCount)
        codeError = shape.codeError
        unsafe self.lists = lists
        unsafe ids = (region.start + layout.ids).assumingMemoryBound(to: Int64.self)
        unsafe directory = (region.start + layout.directory).assumingMemoryBound(to: UInt32.self)
        unsafe blocks = (region.start + layout.blocks).assumingMemoryBound(to: UInt8.self)
        unsafe rows = (region.start + layout.rows).assumingMemoryBound(to: UInt8.self)
    }

    /// Blocks that hold the codes of `rows` rows of one list.
    static func blockCount(rows: Int) -> Int { (rows + Int(csk_block_faces) - 1) / Int(csk_block_faces) }

    /// Bytes an opening compares with their checksum.
    static func headSize(_ region: Region) -> Int {
        Layout(unsafe region.start.load(as: Shape.self))?.headSize ?? region.count
    }

    /// The row of `id`, or nil if there is none.
    ///
    /// O(log rows).
    func row(of id: Int64) -> Int? {
        var low = 0
        var high = rowCount
        while low < high {
            let middle = (low + high) / 2
            // A damaged directory must not lead out of the ids.
            guard let found = unsafe self.id(at: Int(directory[middle])) else { return nil }
            if found < id { low = middle + 1 } else { high = middle }
        }
        guard low < rowCount else { return nil }
        let row = unsafe Int(directory[low])
        return self.id(at: row) == id ? row : nil
    }

    /// The id of a row; nil beyond the last, and where a damaged file has a number that is no id.
    func id(at row: Int) -> Int64? {
        guard row < rowCount, unsafe ids[row] >= 0 else { return nil }
        return unsafe ids[row]
    }

    /// The least and the greatest id as the directory has them; nil if there are no rows, or none with such an id.
    var idsAtTheEnds: (least: Int64, greatest: Int64)? {
        guard rowCount > 0, let least = unsafe id(at: Int(directory[0])),
            let greatest = unsafe id(at: Int(directory[rowCount - 1]))
        else { return nil }
        return (least, greatest)
    }

    /// The list that `row` is in.
    func list(of row: Int) -> Int {
        var low = 0
        var high = listCount - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if unsafe Int(lists[middle].first_row) <= row { low = middle } else { high = middle - 1 }
        }
        // Empty lists begin where the next one does.
        while low > 0, unsafe lists[low].row_count == 0 { low -= 1 }
        return low
    }

    /// Whether the directory names every row once, by ascending ids.
    func directoryIsSound() -> Bool {
        var last: Int64?
        for place in 0..<rowCount {
            guard let id = unsafe self.id(at: Int(directory[place])) else { return false }
            if let last, id <= last { return false }
            last = id
        }
        return true
    }
}
