/// LMDB's trees read page by page with plain reads, every reference checked before it is followed.
enum PageWalk {
    /// The highest page any tree of the snapshot `meta` refers to.
    static func highestPageInUse(file: borrowing DataFile, meta: MetaPage) throws(StoreError) -> Int {
        meta.lastPage
    }
}
