internal import GalleryModel

/// The fields of an LMDB 0.9 meta page that matter here.
struct MetaPage {
    static let size = Page.headerSize + 136
    /// LMDB's own limits on the size of a page.
    static let pageSizes = 512...32_768

    let pageSize: Int
    let lastPage: Int
    let transaction: UInt64
    let free: TreeRecord
    let main: TreeRecord

    /// Nil when `page` is no meta page of a 64-bit little-endian LMDB 0.9 with this number.
    init?(_ page: Page, number: UInt64) {
        guard page.bytes.count >= Self.size, page.number == number, page.flags == 0x08,
            page.number64(16) == 0x1_BEEF_C0DE  // the magic number and version 1
        else { return nil }
        pageSize = page.number16(40) | page.number16(42) << 16
        free = TreeRecord(page, at: 40)
        main = TreeRecord(page, at: 88)
        let last = page.number64(136)
        transaction = page.number64(144)
        // The free list's flags hold those of the environment too: a fixed address and no directory of its own.
        guard last >= 1, last < 1 << 44, transaction < 1 << 62, main.flags == 0,
            free.flags & ~0x4001 == TreeRecord.integerKey
        else { return nil }
        lastPage = Int(last)
    }
}

extension DataFile {
    /// The newer of the two meta pages; throws when there is none that can be believed.
    func meta() throws(StoreError) -> MetaPage {
        let (first, second) = try metaPages()
        let newer = second.transaction > first.transaction ? second : first
        // LMDB looks for a commit by the last bit of its number.
        guard
            newer.transaction == 0 || newer.transaction % 2 == (second.transaction > first.transaction ? 1 : 0)
        else {
            throw .damaged(path: path, reason: "the meta pages of data.mdb are in the wrong places")
        }
        return newer
    }

    /// The meta page of one commit, nil if another commit has taken its place.
    func meta(ofTransaction number: UInt64) throws(StoreError) -> MetaPage? {
        let (first, second) = try metaPages()
        let page = number % 2 == 0 ? first : second
        return page.transaction == number ? page : nil
    }

    private func metaPages() throws(StoreError) -> (MetaPage, MetaPage) {
        let size = try size()
        guard size > 0 else { throw .damaged(path: path, reason: "data.mdb is empty") }
        guard let first = try metaPage(0, at: 0) else {
            throw .damaged(path: path, reason: "data.mdb does not start as an LMDB file of version 1 does")
        }
        guard MetaPage.pageSizes.contains(first.pageSize), first.pageSize & (first.pageSize - 1) == 0 else {
            throw .damaged(path: path, reason: "data.mdb claims pages of \(first.pageSize) bytes")
        }
        guard let second = try metaPage(1, at: first.pageSize), second.pageSize == first.pageSize else {
            throw .damaged(path: path, reason: "the second meta page of data.mdb is damaged or cut off")
        }
        return (first, second)
    }

    private func metaPage(_ number: UInt64, at offset: Int) throws(StoreError) -> MetaPage? {
        var bytes = [UInt8](repeating: 0, count: MetaPage.size)
        let count = try unsafe withUnsafeMutableBytesTyped(&bytes) { buffer throws(StoreError) in
            try unsafe read(into: buffer, at: offset)
        }
        return count == bytes.count ? MetaPage(Page(bytes), number: number) : nil
    }

    /// Refuses a file LMDB could not even open safely: cut off, or damaged at the roots of its trees.
    ///
    /// - Parameter trustedSize: the size at which every page of the file is known to be there, if any.
    func checkBeforeMapping(trustedSize: Int? = nil) throws(StoreError) {
        for attempt in 1...3 {
            let meta = try meta()
            let needed = (meta.lastPage + 1) * meta.pageSize
            let size = try size()
            // Pages allocated last and freed in the same transaction are counted but never written, so a
            // short file may be whole: only the walk can tell.
            let isLong = size >= needed || size == trustedSize
            let walk = try PageWalk(self, meta, isLong ? .roots : .untilFault)
            guard let problem = walk.problems.first else { return }
            // A writer may have reused the pages in the meantime: then the next look sees its commit.
            let now = try self.meta()
            if attempt == 3 || now.transaction == meta.transaction {
                throw .damaged(
                    path: path,
                    reason: isLong
                        ? problem : "data.mdb was cut off at \(size) of \(needed) bytes (\(problem))")
            }
        }
    }
}
