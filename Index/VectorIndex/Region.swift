internal import Glibc

/// A range of bytes that everything built is laid out in: memory while it is made, later a mapped file.
///
/// One owner; sections of a region begin at multiples of 64.
@safe final class Region: @unchecked Sendable {
    // Unchecked and safe: written only by whoever makes it, before it is shared; given back by deinit.

    let count: Int
    private let memory: UnsafeMutableRawPointer
    private let file: MappedFile?

    /// `count` zeros, which the system gives as they are written.
    init(zeros count: Int) throws(IndexError) {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let place = unsafe mmap(nil, max(count, 1), PROT_READ | PROT_WRITE, flags, -1, 0),
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

    /// For whoever makes the region.
    var writable: UnsafeMutableRawPointer {
        precondition(file == nil, "a mapped file is only read")
        return unsafe memory
    }

    var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: start, count: count) }
}

/// Where sections of a region begin, one behind the other at multiples of 64.
struct Sections {
    private(set) var end = 0

    /// The offset of a section of `count` elements; nil in `end` if that is no number.
    mutating func next<Element>(_: Element.Type, _ count: Int) -> Int {
        let start = end
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        precondition(!overflow && count >= 0 && bytes < 1 << 48, "a section of \(count) elements")
        end = (start + bytes + 63) / 64 * 64
        return start
    }
}
