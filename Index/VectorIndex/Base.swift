internal import CFaiss

/// The immutable part of a large index: inverted lists, and where each id lies in them.
///
/// Rows are counted list after list, from 0.
@safe final class Base: @unchecked Sendable {
    // Unchecked and safe: the one pointer is written before the initialiser returns and freed by deinit.
    let lists: FaissLists
    let directory: BaseDirectory
    let calibration: Calibration

    /// The saved files these lists lie in; nil while they are only in memory.
    let files: BaseFiles?

    /// The first row of each list, and the row count as last element.
    let firstRows: [Int]

    /// The base of saved files, whose heads have been checked; throws `damaged` if they do not fit together.
    convenience init(mapping files: BaseFiles, rows: Int, calibration: Calibration) throws(IndexError) {
        let path = files.directory + "/" + files.lists.name
        let lists = try FaissLists.mapped(path)
        let idPath = files.directory + "/" + files.ids.name
        let ids = try MappedFile(idPath)
        guard lists.rowCount == rows else { throw .damaged(file: path, problem: "it has not \(rows) rows") }
        guard ids.count == BaseDirectory.byteCount(rows: rows) else {
            throw .damaged(file: idPath, problem: "it has not \(rows) rows")
        }
        self.init(
            lists: lists, directory: BaseDirectory(file: ids, count: rows), calibration: calibration,
            files: files)
    }

    /// 0 ..< lists.count: the ids of the centroids, for the scan that chooses lists.
    let listNumbers: UnsafeMutablePointer<Int64>

    init(lists: FaissLists, directory: BaseDirectory, calibration: Calibration, files: BaseFiles?) {
        self.lists = lists
        self.directory = directory
        self.calibration = calibration
        self.files = files
        var rows = [0]
        for list in 0..<lists.count { unsafe rows.append(rows[list] + lists.list(list).count) }
        firstRows = rows
        unsafe listNumbers = .allocate(capacity: max(lists.count, 1))
        for list in 0..<lists.count { unsafe listNumbers[list] = Int64(list) }
    }

    deinit { unsafe listNumbers.deallocate() }

    /// Rows, removed ones included.
    var rowCount: Int { firstRows[lists.count] }

    /// The row of `id`, or nil if there is none.
    func row(of id: Int64) -> Int? {
        // Believed only if the list agrees: the file of the directory is not read whole at opening.
        guard let row = directory.row(of: id), row < rowCount, self.id(at: row) == id else { return nil }
        return row
    }

    /// The list that `row` is in.
    func list(of row: Int) -> Int {
        var low = 0
        var high = lists.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if firstRows[middle] <= row { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// The id of `row`.
    func id(at row: Int) -> Int64 {
        let number = list(of: row)
        let list = unsafe lists.list(number)
        precondition(row >= 0 && row - firstRows[number] < (unsafe list.count))
        let offset = (row - firstRows[number]) * MemoryLayout<Int64>.size
        return unsafe list.ids?.loadUnaligned(fromByteOffset: offset, as: Int64.self) ?? -1
    }

    /// A copy of the vector at `row`.
    func vector(at row: Int) -> [Float] {
        let number = list(of: row)
        let list = unsafe lists.list(number)
        precondition(row >= 0 && row - firstRows[number] < (unsafe list.count))
        let bytes = lists.dimension * MemoryLayout<Float>.size
        return unsafe Array(unsafeUninitializedCapacity: lists.dimension) { buffer, count in
            if let rows = unsafe list.rows {
                unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(start: rows + (row - firstRows[number]) * bytes, count: bytes))
                count = lists.dimension
            }
        }
    }
}

/// Where ids lie in a base: binary search in ascending ids, held in memory or in a mapped file.
@safe final class BaseDirectory: @unchecked Sendable {
    // Unchecked and safe: the memory is written by nobody and lives as long as its owner, which is kept here.
    let count: Int
    private let ids: UnsafePointer<Int64>
    private let rows: UnsafePointer<UInt32>
    private let owner: Owner

    private enum Owner {
        case memory(DirectoryMemory)
        case file(MappedFile)
    }

    /// The directory of lists, sorted now.
    ///
    /// O(rows · log rows).
    convenience init(of lists: FaissLists) throws(IndexError) {
        let sorted = try lists.sortedIDs()
        let memory = DirectoryMemory(ids: sorted.ids, rows: sorted.rows)
        unsafe self.init(count: sorted.ids.count, ids: memory.ids, rows: memory.rows, owner: .memory(memory))
    }

    /// The directory of a file of `byteCount(rows: count)` bytes: ids, then rows.
    convenience init(file: MappedFile, count: Int) {
        precondition(file.count == Self.byteCount(rows: count))
        let start = unsafe file.start
        unsafe self.init(
            count: count, ids: start.assumingMemoryBound(to: Int64.self),
            rows: (start + count * MemoryLayout<Int64>.size).assumingMemoryBound(to: UInt32.self),
            owner: .file(file))
    }

    private init(count: Int, ids: UnsafePointer<Int64>, rows: UnsafePointer<UInt32>, owner: Owner) {
        self.count = count
        unsafe self.ids = ids
        unsafe self.rows = rows
        self.owner = owner
    }

    /// Bytes of the file of a directory.
    static func byteCount(rows: Int) -> Int {
        rows * (MemoryLayout<Int64>.size + MemoryLayout<UInt32>.size)
    }

    /// The row of `id`, or nil if there is none.
    func row(of id: Int64) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if unsafe ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        guard low < count, unsafe ids[low] == id else { return nil }
        return Int(unsafe rows[low])
    }

    /// The bytes of its file: the ids, then the rows.
    func withParts(_ body: (UnsafeRawBufferPointer) throws(IndexError) -> Void) throws(IndexError) {
        try unsafe body(UnsafeRawBufferPointer(UnsafeBufferPointer(start: ids, count: count)))
        try unsafe body(UnsafeRawBufferPointer(UnsafeBufferPointer(start: rows, count: count)))
    }
}

/// The arrays of a directory in memory, at places that do not move.
@safe private final class DirectoryMemory {
    let ids: UnsafePointer<Int64>
    let rows: UnsafePointer<UInt32>

    init(ids: [Int64], rows: [UInt32]) {
        let idPlace = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(ids.count, 1))
        _ = unsafe idPlace.initialize(from: ids)
        let rowPlace = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: max(rows.count, 1))
        _ = unsafe rowPlace.initialize(from: rows)
        unsafe self.ids = UnsafePointer(idPlace.baseAddress.unsafelyUnwrapped)
        unsafe self.rows = UnsafePointer(rowPlace.baseAddress.unsafelyUnwrapped)
    }

    deinit {
        unsafe ids.deallocate()
        unsafe rows.deallocate()
    }
}
