/// LMDB's trees read page by page with plain reads, every reference checked before it is followed.
///
/// LMDB itself trusts its pages: a damaged one can end the process. So this walk comes first wherever damage
/// is likely, and it never maps the file.
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

    private(set) var problems: [String] = []
    private(set) var pagesInUse = 0
    private let extent: Extent
    private let pageSize: Int
    private let lastPage: Int
    private let pagesInFile: Int
    /// One bit a page of the file: referred to already.
    private var used: [UInt64]
    private var free: [UInt64]

    /// Walks the snapshot of `meta` in `file`.
    init(_ file: borrowing DataFile, _ meta: MetaPage, _ extent: Extent) throws(StoreError) {
        self.extent = extent
        pageSize = meta.pageSize
        lastPage = meta.lastPage
        pagesInFile = try file.size() / meta.pageSize
        used = [UInt64](repeating: 0, count: extent == .roots ? 0 : pagesInFile / 64 + 1)
        free = used
        let main = Tree(
            name: "main", root: meta.mainRoot, depth: meta.mainDepth, flags: 0, entries: meta.mainEntries)
        let freed = Tree(
            name: "free list", root: meta.freeRoot, depth: meta.freeDepth, flags: Self.integerKey,
            entries: meta.freeEntries)
        try walk(file, main, holdsTrees: true)
        if extent != .roots { try walk(file, freed, holdsTrees: false) }
    }

    private static let integerKey = 0x08
    private static let deepest = 32
    private static let noPage = UInt64.max
    private static let headerSize = 16
    private static let treeSize = 48

    private struct Tree {
        var name: String
        var root: UInt64
        var depth: Int
        var flags: Int
        var entries: UInt64
    }

    private var isOver: Bool { extent == .everything ? problems.count >= 100 : !problems.isEmpty }

    private mutating func walk(
        _ file: borrowing DataFile, _ tree: Tree, holdsTrees: Bool
    ) throws(StoreError) {
        if tree.root == Self.noPage {
            if tree.entries != 0 { problems.append("\(tree.name): \(tree.entries) records, but no pages") }
            return
        }
        guard 1...Self.deepest ~= tree.depth else {
            problems.append("\(tree.name): depth \(tree.depth)")
            return
        }
        var entries: UInt64 = 0
        try visit(file, tree, page: tree.root, level: 1, holdsTrees: holdsTrees, &entries)
        let complete = extent != .roots || holdsTrees
        if complete, entries != tree.entries, !isOver {
            problems.append("\(tree.name): \(entries) records where \(tree.entries) are promised")
        }
    }

    private mutating func visit(
        _ file: borrowing DataFile, _ tree: Tree, page number: UInt64, level: Int, holdsTrees: Bool,
        _ entries: inout UInt64
    ) throws(StoreError) {
        if isOver { return }
        guard mark(number, count: 1, tree) else { return }
        var bytes = [UInt8](repeating: 0, count: pageSize)
        let read = try unsafe withUnsafeMutableBytesTyped(&bytes) { buffer throws(StoreError) in
            try unsafe file.read(into: buffer, at: Int(number) * pageSize)
        }
        let page = Page(bytes)
        let isLeaf = level == tree.depth
        guard read == pageSize, page.number == number, page.flags == (isLeaf ? Page.leaf : Page.branch),
            Self.headerSize <= page.lower, page.lower <= page.upper, page.upper <= pageSize,
            page.lower % 2 == 0,
            isLeaf || page.nodes >= 1
        else {
            problems.append("\(tree.name): the header of page \(number) is damaged")
            return
        }
        for index in 0..<page.nodes {
            guard let node = page.node(index) else {
                problems.append("\(tree.name): record \(index) of page \(number) lies outside it")
                return
            }
            if isLeaf {
                entries += 1
                try visit(file, tree, node, of: page, holdsTrees: holdsTrees)
            } else if extent != .roots || holdsTrees {
                let child = page.child(node)
                try visit(file, tree, page: child, level: level + 1, holdsTrees: holdsTrees, &entries)
            }
            if isOver { return }
        }
    }

    /// A record of a leaf page.
    private mutating func visit(
        _ file: borrowing DataFile, _ tree: Tree, _ node: Page.Node, of page: Page, holdsTrees: Bool
    ) throws(StoreError) {
        if tree.flags & Self.integerKey != 0, node.keySize != 8 {
            problems.append("\(tree.name): a key on page \(page.number) has not 8 bytes")
            return
        }
        let isOverflow = node.flags & Page.bigData != 0
        let isTree = node.flags & Page.subTree != 0
        let inline = isOverflow ? 8 : node.dataSize
        guard node.flags & ~(Page.bigData | Page.subTree) == 0, !(isOverflow && isTree), isTree == holdsTrees,
            node.dataOffset + inline <= pageSize, !isTree || node.dataSize == Self.treeSize
        else {
            problems.append("\(tree.name): a record of page \(page.number) is damaged")
            return
        }
        if isTree {
            let sub = Tree(
                name: page.text(node.keyOffset, node.keySize), root: page.number64(node.dataOffset + 40),
                depth: page.number16(node.dataOffset + 6), flags: page.number16(node.dataOffset + 4),
                entries: page.number64(node.dataOffset + 32))
            try walk(file, sub, holdsTrees: false)
            return
        }
        var data: [UInt8] = []
        let isFreeList = tree.name == "free list"
        if isOverflow {
            let count = (Self.headerSize - 1 + node.dataSize) / pageSize + 1
            let first = page.number64(node.dataOffset)
            guard mark(first, count: count, tree) else { return }
            data = [UInt8](repeating: 0, count: isFreeList ? Self.headerSize + node.dataSize : Self.headerSize)
            let read = try unsafe withUnsafeMutableBytesTyped(&data) { buffer throws(StoreError) in
                try unsafe file.read(into: buffer, at: Int(first) * pageSize)
            }
            let header = Page(data)
            guard read == data.count, header.number == first, header.flags == Page.overflow,
                header.lower + header.upper << 16 >= count
            else {
                problems.append("\(tree.name): the header of page \(first) is damaged")
                return
            }
            data.removeFirst(Self.headerSize)
        } else if isFreeList {
            data = Array(page.bytes[node.dataOffset..<node.dataOffset + node.dataSize])
        }
        if isFreeList { visitFreeList(Page(data)) }
    }

    /// One record of the free list: a count and that many page numbers.
    private mutating func visitFreeList(_ list: Page) {
        let available = list.bytes.count / 8
        let count = available > 0 ? list.number64(0) : .max
        guard count < UInt64(max(available, 0)) else {
            problems.append("free list: a record promises more pages than it holds")
            return
        }
        for index in 1..<Int(count) + 1 {
            let number = list.number64(index * 8)
            guard number >= 2, number <= UInt64(lastPage) else {
                problems.append("free list: page \(number) does not exist")
                return
            }
            // Pages allocated last and freed in the same transaction are never written.
            guard number < UInt64(pagesInFile) else { continue }
            let (word, bit) = (Int(number) / 64, UInt64(1) << (number % 64))
            if used[word] & bit != 0 { problems.append("free list: page \(number) is in use") }
            if free[word] & bit != 0 { problems.append("free list: page \(number) is listed twice") }
            free[word] |= bit
            if isOver { return }
        }
    }

    /// Notes that `count` pages from `number` are in use; false when they cannot be.
    private mutating func mark(_ number: UInt64, count: Int, _ tree: Tree) -> Bool {
        guard number >= 2, number <= UInt64(lastPage), Int(number) + count - 1 <= lastPage else {
            problems.append("\(tree.name): it refers to page \(number), which does not exist")
            return false
        }
        guard Int(number) + count <= pagesInFile else {
            problems.append("\(tree.name): page \(number) lies behind the end of the file")
            return false
        }
        pagesInUse += count
        if extent == .roots { return true }
        for page in Int(number)..<Int(number) + count {
            let (word, bit) = (page / 64, UInt64(1) << (UInt64(page) % 64))
            if used[word] & bit != 0 || free[word] & bit != 0 {
                problems.append("\(tree.name): page \(page) is in use twice")
                return false
            }
            used[word] |= bit
        }
        return true
    }
}

/// The bytes of one LMDB page and where its parts are.
private struct Page {
    static let branch = 0x01, leaf = 0x02, overflow = 0x04
    static let bigData = 0x01, subTree = 0x02

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    struct Node {
        var offset: Int
        var flags: Int
        var keySize: Int
        var dataSize: Int
        var keyOffset: Int { offset + 8 }
        var dataOffset: Int { offset + 8 + keySize }
    }

    var number: UInt64 { number64(0) }
    /// Without the mark of a page that was written before its transaction ended.
    var flags: Int { number16(10) & ~0x10 }
    var lower: Int { number16(12) }
    var upper: Int { number16(14) }
    var nodes: Int { (lower - 16) / 2 }

    func number16(_ offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
    func number64(_ offset: Int) -> UInt64 {
        var value: UInt64 = 0
        for i in (0..<8).reversed() { value = value << 8 | UInt64(bytes[offset + i]) }
        return value
    }
    func text(_ offset: Int, _ count: Int) -> String {
        String(decoding: bytes[offset..<offset + count], as: UTF8.self).shown
    }

    /// Record `index`, nil when its head and key are not inside the page's record area.
    func node(_ index: Int) -> Node? {
        let offset = number16(16 + 2 * index)
        guard offset >= upper, offset + 8 <= bytes.count else { return nil }
        let size = number16(offset) | number16(offset + 2) << 16
        let node = Node(
            offset: offset, flags: number16(offset + 4), keySize: number16(offset + 6), dataSize: size)
        return node.dataOffset <= bytes.count ? node : nil
    }

    /// The page a branch record refers to: 48 bits, where leaves keep their size and flags.
    func child(_ node: Node) -> UInt64 { UInt64(node.dataSize) | UInt64(node.flags) << 32 }
}
