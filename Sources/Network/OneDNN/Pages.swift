internal import Glibc

/// A stretch of zeroed memory for arrays that are read again and again, in large pages where the system has them.
///
/// Reading 22 MB of weights touches 5,500 pages of 4 KiB, more than a processor remembers the place of.
@safe package final class Pages: @unchecked Sendable {
    // What is stored here belongs to `Constant` and `Workspace`, which say who may write.
    private static let largePage = 2 << 20

    /// Aligned to 2 MiB.
    package let start: UnsafeMutableRawPointer
    package let size: Int
    private let mapped: UnsafeMutableRawPointer
    private let mappedSize: Int

    /// - Throws: `refused` when there is no memory left.
    package init(_ size: Int, layer: String) throws(NetworkError) {
        let all = max(size, 64) + Self.largePage
        let found = unsafe mmap(nil, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let found = unsafe found, unsafe found != MAP_FAILED else {
            throw .refused(call: "mapping \(size) bytes", layer: layer, status: 1)
        }
        unsafe mapped = found
        mappedSize = all
        unsafe start = unsafe found.alignedUp(toMultipleOf: Self.largePage)
        self.size = max(size, 64)
        // Only a wish: small pages do as well, but slower.
        if size >= Self.largePage { _ = unsafe madvise(start, size, MADV_HUGEPAGE) }
    }

    deinit { _ = unsafe munmap(mapped, mappedSize) }

    /// The bytes from `offset`; both sizes are inside.
    package func bytes(_ offset: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
        precondition(offset >= 0 && count >= 0 && offset + count <= size, "outside the pages")
        return unsafe UnsafeMutableRawBufferPointer(start: start + offset, count: count)
    }
}

/// Pages that are filled from the front, so that many small arrays share large ones.
struct Shelf: Sendable {
    private static let slab = 32 << 20
    private var pages: Pages?
    private var used = 0

    /// Room for `count` bytes, aligned to a cache line; it lives as long as the pages.
    mutating func place(_ count: Int, layer: String) throws(NetworkError) -> (pages: Pages, offset: Int) {
        if let pages, used + count <= pages.size {
            defer { used = (used + count + 63) / 64 * 64 }
            return (pages, used)
        }
        let new = try Pages(max(count, Self.slab), layer: layer)
        pages = new
        used = (count + 63) / 64 * 64
        return (new, 0)
    }
}
