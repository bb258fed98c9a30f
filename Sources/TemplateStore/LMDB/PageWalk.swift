internal import GalleryModel

/// LMDB's trees read page by page with plain reads, every reference checked before it is followed.
///
/// LMDB itself trusts its pages: a wrong one can end the process, or let it write beside its memory. So this walk
/// comes first wherever damage or malice is likely, and it never maps the file. It checks all that LMDB's code relies
/// on: the kind and the number of every page; where records are in it, without gaps and overlaps; sizes and order
/// of keys within pages and across them; depths and counts of trees; the pages of long values; the list of
/// free pages; and that no page is used twice.
struct PageWalk {
    /// How far to go into the named databases.
    enum Extent {
        /// Only the main database and the root pages of the named ones; the first fault ends the walk.
        case roots
        /// Everything; the first fault ends the walk.
        case untilFault
        /// Everything, collecting faults.
        case everything
    }

    /// What the records are.
    enum Contents {
        /// Anything.
        case any
        /// Those of a gallery: their sizes, texts and numbers are looked at too.
        case gallery
    }

    /// What LMDB could stumble over; at most about a hundred.
    private(set) var problems: [String] = []
    /// What is wrong with single records of a gallery; at most a hundred.
    private(set) var recordProblems: [String] = []
    private(set) var pagesInUse = 0
    /// Records of each named database.
    private(set) var entries: [String: UInt64] = [:]

    /// The settings of a gallery.
    var settings: StoreSettings? { records?.settings }

    let extent: Extent
    let pageSize: Int
    let lastPage: Int
    let pagesInFile: Int
    let transaction: UInt64
    var pages: PageMarks
    private var records: RecordCheck?
    /// A page for each level of a tree, and one more, read again and again.
    private var buffers = [[UInt8]](repeating: [], count: deepest + 2)
    /// The size of the record that begins at each two bytes of a page; all 0 between two pages.
    private var sizes: [UInt16]

    private static let deepest = 24
    private static let mostProblems = 100
    private static let mostRoots = 10_000

    /// Walks the snapshot of `meta` in `file`.
    init(
        _ file: borrowing DataFile, _ meta: MetaPage, _ extent: Extent, contents: Contents = .any
    ) throws(StoreError) {
        self.extent = extent
        pageSize = meta.pageSize
        lastPage = meta.lastPage
        transaction = meta.transaction
        pagesInFile = try file.size() / meta.pageSize
        pages = PageMarks(count: 0)
        sizes = [UInt16](repeating: 0, count: meta.pageSize / 2)
        if contents == .gallery { records = RecordCheck() }
        if extent != .roots {
            guard lastPage < pagesInFile + PageMarks.mostUnwritten else {
                problems = ["\(lastPage + 1) pages are counted, the file has \(pagesInFile)"]
                return
            }
            pages = PageMarks(count: max(lastPage + 1, pagesInFile))
        }
        _ = try walk(file, meta.main, name: "main", kind: .main)
        guard extent != .roots else { return }
        _ = try walk(file, meta.free, name: PageWalk.freeList, kind: .free)
        if !isOver, let problem = pages.problem(ofFile: pagesInFile, lastPage: lastPage) { note(problem) }
    }

    static let freeList = "free list"

    var isOver: Bool { extent == .everything ? problems.count >= Self.mostProblems : !problems.isEmpty }

    mutating func note(_ problem: String) { problems.append(problem) }

    // MARK: trees

    /// What a tree's records are.
    private enum Kind {
        /// Trees.
        case main
        /// Lists of pages.
        case free
        /// Values.
        case named
    }

    /// One tree on its way through the walk.
    private struct Tree {
        let name: String
        let kind: Kind
        let record: TreeRecord
        /// The gallery's database that it is.
        let database: Database?
        var branchPages: UInt64 = 0
        var leafPages: UInt64 = 0
        var overflowPages: UInt64 = 0
        var entries: UInt64 = 0
        /// The latest key; keys that are numbers count as such.
        var lastNumber: UInt64 = 0
        var lastKey: [UInt8] = []
        var hasLast = false
        /// The key of the branch that leads to the next record: that may not be below it.
        var boundNumber: UInt64 = 0
        var boundKey: [UInt8] = []
        var hasBound = false
    }

    private mutating func walk(
        _ file: borrowing DataFile, _ record: TreeRecord, name: String, kind: Kind
    ) throws(StoreError) {
        var tree = Tree(
            name: name, kind: kind, record: record,
            database: records == nil || kind != .named ? nil : Database(named: name))
        let isPartial = extent == .roots && kind == .named
        if kind == .named { entries[name] = record.entries }
        if record.root == TreeRecord.noPage {
            if record.entries != 0 || record.depth != 0 || record.branchPages != 0 || record.leafPages != 0
                || record.overflowPages != 0
            {
                note("\(name): \(record.entries) records, but no pages")
            }
            return
        }
        guard 1...Self.deepest ~= record.depth else { return note("\(name): depth \(record.depth)") }
        try visit(file, &tree, page: record.root, level: 1)
        guard !isOver, !isPartial else { return }
        if tree.entries != record.entries {
            note("\(name): \(tree.entries) records where \(record.entries) are promised")
        }
        if tree.branchPages != record.branchPages || tree.leafPages != record.leafPages
            || tree.overflowPages != record.overflowPages
        {
            note("\(name): its pages are not as many as are promised")
        }
    }

    private mutating func visit(
        _ file: borrowing DataFile, _ tree: inout Tree, page number: UInt64, level: Int
    ) throws(StoreError) {
        if isOver { return }
        guard mark(number, count: 1, tree.name) else { return }
        let isLeaf = level == tree.record.depth
        guard let page = try read(file, number, level: level, isLeaf: isLeaf) else {
            return note("\(tree.name): the header of page \(number) is damaged")
        }
        if isLeaf { tree.leafPages += 1 } else { tree.branchPages += 1 }
        guard let fault = faultOfRecords(page, isLeaf: isLeaf) else {
            for index in 0..<page.nodes {
                guard let node = page.node(index) else { return }
                guard keyIsInOrder(page, node, index: index, isLeaf: isLeaf, &tree) else {
                    return note("\(tree.name): the keys of page \(number) are damaged or out of order")
                }
                if isLeaf {
                    tree.entries += 1
                    if extent != .roots || tree.kind == .main { try visit(file, &tree, node, of: page) }
                } else if extent != .roots || tree.kind == .main {
                    try visit(file, &tree, page: page.child(node), level: level + 1)
                }
                if isOver { return }
            }
            buffers[level] = page.bytes
            return
        }
        note("\(tree.name): \(fault) of page \(number)")
    }

    /// The page of a tree; nil if its header is not one.
    private mutating func read(
        _ file: borrowing DataFile, _ number: UInt64, level: Int, isLeaf: Bool
    ) throws(StoreError) -> Page? {
        var bytes = buffers[level]
        buffers[level] = []
        if bytes.count != pageSize { bytes = [UInt8](repeating: 0, count: pageSize) }
        let read = try unsafe withUnsafeMutableBytesTyped(&bytes) { buffer throws(StoreError) in
            try unsafe file.read(into: buffer, at: Int(number) * pageSize)
        }
        let page = Page(bytes)
        guard read == pageSize, page.number == number, page.flags == (isLeaf ? Page.leaf : Page.branch),
            Page.headerSize <= page.lower, page.lower <= page.upper, page.upper <= pageSize,
            page.lower % 2 == 0, page.upper % 2 == 0, page.nodes >= (isLeaf ? 1 : 2)
        else { return nil }
        return page
    }

    /// LMDB lays records from the end of a page towards its list of them, without gaps, and moves them so.
    private mutating func faultOfRecords(_ page: Page, isLeaf: Bool) -> String? {
        var fault: String?
        for index in 0..<page.nodes {
            guard let node = page.node(index) else {
                fault = "record \(index) lies outside"
                break
            }
            var size = 8 + node.keySize
            if isLeaf { size += node.flags & Page.bigData != 0 ? 8 : node.dataSize }
            size += size % 2
            let place = node.offset / 2
            guard size <= pageSize - node.offset, sizes[place] == 0 else {
                fault = "record \(index) lies outside or over another"
                break
            }
            sizes[place] = UInt16(size)
        }
        if fault == nil {
            // From record to record: who skips none and comes to the end has met no gap and no overlap.
            var (offset, met) = (page.upper, 0)
            while offset < pageSize, sizes[offset / 2] != 0 {
                let size = Int(sizes[offset / 2])
                sizes[offset / 2] = 0
                offset += size
                met += 1
            }
            if offset == pageSize, met == page.nodes { return nil }
            fault = "the records do not fill their place"
        }
        for place in sizes.indices { sizes[place] = 0 }
        return fault
    }

    /// Takes note of a record's key, false where it is not above those before it or has a size that is not a key's.
    private func keyIsInOrder(
        _ page: Page, _ node: Page.Node, index: Int, isLeaf: Bool, _ tree: inout Tree
    ) -> Bool {
        // The first key of a branch is never looked at.
        if !isLeaf, index == 0 { return true }
        if tree.record.hasIntegerKeys {
            guard node.keySize == 8 else { return false }
            let number = page.number64(node.key.lowerBound)
            guard !tree.hasLast || number > tree.lastNumber else { return false }
            guard isLeaf else {
                (tree.boundNumber, tree.hasBound) = (number, true)
                return tree.hasLast || extent == .roots
            }
            guard !tree.hasBound || number >= tree.boundNumber else { return false }
            tree.lastNumber = number
        } else {
            guard node.keySize >= 1 else { return false }
            guard !tree.hasLast || page.order(node.key, tree.lastKey) > 0 else { return false }
            guard isLeaf else {
                tree.boundKey.removeAll(keepingCapacity: true)
                tree.boundKey.append(contentsOf: page.bytes[node.key])
                tree.hasBound = true
                return tree.hasLast || extent == .roots
            }
            guard !tree.hasBound || page.order(node.key, tree.boundKey) >= 0 else { return false }
            tree.lastKey.removeAll(keepingCapacity: true)
            tree.lastKey.append(contentsOf: page.bytes[node.key])
        }
        (tree.hasLast, tree.hasBound) = (true, false)
        return true
    }

    // MARK: records

    /// A record of a leaf page.
    private mutating func visit(
        _ file: borrowing DataFile, _ tree: inout Tree, _ node: Page.Node, of page: Page
    ) throws(StoreError) {
        let isTree = tree.kind == .main
        let isLong = node.flags == Page.bigData
        // What has no pages of its own fits twice into one.
        let longest = ((pageSize - Page.headerSize) / 2 & ~1) - 2
        guard node.flags == (isTree ? Page.subTree : node.flags & Page.bigData),
            isLong || 8 + node.keySize + node.dataSize <= longest, !isTree || node.dataSize == TreeRecord.size
        else { return note("\(tree.name): a record of page \(page.number) is damaged") }
        if isTree {
            let record = TreeRecord(page, at: node.dataOffset)
            let name = page.text(node.key)
            guard record.flags & ~TreeRecord.integerKey == 0 else {
                return note("main: '\(name)' has flags \(record.flags)")
            }
            if let problem = records?.problem(ofDatabase: name, record) { noteRecord(problem) }
            return try walk(file, record, name: name, kind: .named)
        }
        var value = RecordValue(size: node.dataSize, page: page, offset: node.dataOffset)
        if isLong {
            guard let first = try longValue(file, node, of: page, &tree) else { return }
            value = RecordValue(size: node.dataSize, page: first, offset: Page.headerSize)
        }
        switch tree.kind {
        case .main: return
        case .free: return visitFreeList(value, key: page.number64(node.key.lowerBound))
        case .named:
            guard let database = tree.database, recordProblems.count < Self.mostProblems else { return }
            if let problem = records?.problem(in: database, page, node.key, value) { noteRecord(problem) }
        }
    }

    private mutating func noteRecord(_ problem: String) {
        if recordProblems.count < Self.mostProblems { recordProblems.append(problem) }
    }

    /// The pages of a value, as far as anybody looks at them; nil if they are damaged.
    private mutating func longValue(
        _ file: borrowing DataFile, _ node: Page.Node, of page: Page, _ tree: inout Tree
    ) throws(StoreError) -> Page? {
        let first = page.number64(node.dataOffset)
        let needed = (Page.headerSize - 1 + node.dataSize) / pageSize + 1
        guard isInFile(first, count: needed, tree.name) else { return nil }
        let wanted =
            tree.kind == .free || records != nil
            ? min(node.dataSize, tree.kind == .free ? (lastPage + 1) * 8 : RecordCheck.longestValue) : 0
        var bytes = [UInt8](repeating: 0, count: Page.headerSize + wanted)
        let read = try unsafe withUnsafeMutableBytesTyped(&bytes) { buffer throws(StoreError) in
            try unsafe file.read(into: buffer, at: Int(first) * pageSize)
        }
        let header = Page(bytes)
        guard read == bytes.count, header.number == first, header.flags == Page.overflow,
            header.overflowPages >= needed
        else {
            note("\(tree.name): the header of page \(first) is damaged")
            return nil
        }
        // A value that became shorter keeps its pages.
        guard mark(first, count: header.overflowPages, tree.name) else { return nil }
        tree.overflowPages += UInt64(header.overflowPages)
        return header
    }

    // MARK: pages

    private mutating func isInFile(_ number: UInt64, count: Int, _ name: String) -> Bool {
        guard number >= 2, number <= UInt64(lastPage), Int(number) + count - 1 <= lastPage else {
            note("\(name): it refers to page \(number), which does not exist")
            return false
        }
        guard Int(number) + count <= pagesInFile else {
            note("\(name): page \(number) lies behind the end of the file")
            return false
        }
        return true
    }

    /// Notes that `count` pages from `number` are in use; false when they cannot be.
    private mutating func mark(_ number: UInt64, count: Int, _ name: String) -> Bool {
        guard isInFile(number, count: count, name) else { return false }
        pagesInUse += count
        if extent == .roots {
            // Without marks a page that leads to itself would be followed for ever.
            if pagesInUse > Self.mostRoots { note("\(name): more pages than names of databases need") }
            return !isOver
        }
        for page in Int(number)..<Int(number) + count where !pages.use(page) {
            note("\(name): page \(page) is in use twice")
            return false
        }
        return true
    }
}
