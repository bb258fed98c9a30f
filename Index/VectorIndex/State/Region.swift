internal import CSearchKernels
internal import Glibc

/// A range of bytes that everything built is laid out in: memory while it is made, later a mapped file.
///
/// One owner; sections of a region begin at multiples of 64.
@safe final class Region: @unchecked Sendable {
    // Unchecked and safe: only its maker writes to it, before it is shared; deinit releases it.

    let count: Int
    private let memory: UnsafeMutableRawPointer
    private let file: MappedFile?

    /// `count` zeros, which the system gives as they are written.
    init(zeros count: Int) throws(IndexError) {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard csk_memory_is_refused() == 0,
            let place = unsafe mmap(nil, max(count, 1), PROT_READ | PROT_WRITE, flags, -1, 0),
            unsafe place != MAP_FAILED
        else { throw .noMemory(bytes: count) }
        // Codes are read from end to end: fewer, larger pages cost less to look up.
        _ = unsafe madvise(place, max(count, 1), MADV_HUGEPAGE)
        unsafe memory = place
        self.count = count
        file = nil
    }

    /// The bytes of a file.
    init(_ file: MappedFile) {
        unsafe memory = UnsafeMutableRawPointer(mutating: file.start)
        count = file.count
        self.file = file
    }

    deinit {
        if file == nil { _ = unsafe munmap(memory, max(count, 1)) }
    }

    var start: UnsafeRawPointer { unsafe UnsafeRawPointer(memory) }

    /// For the maker of the region, before it is shared.
    var writable: UnsafeMutableRawPointer {
        precondition(file == nil, "a mapped file is only read")
        return unsafe memory
    }

    var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: start, count: count) }
}

/// Where sections of a region begin, one behind the other at multiples of 64.
///
/// The numbers may come from a file: what they multiply to is a section only if a file can hold it.
struct Sections {
    private(set) var end = 0
    /// Whether a section was larger than a file can be; `end` and later offsets then mean nothing.
    private(set) var isTooLarge = false

    /// No file or memory is larger: 128 TiB.
    private static let most = 1 << 47

    /// The offset of a section of `count` × `width` elements.
    mutating func next<Element>(_: Element.Type, _ count: Int, _ width: Int = 1) -> Int {
        let start = end
        let (elements, isOver) = count.multipliedReportingOverflow(by: width)
        let (bytes, isFarOver) = elements.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        guard count >= 0, width >= 0, !isOver, !isFarOver, bytes <= Self.most - start else {
            isTooLarge = true
            return start
        }
        end = (start + bytes + 63) / 64 * 64
        return start
    }
}
