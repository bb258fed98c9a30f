internal import Glibc

/// Memory for chips of one size, one after the other.
///
/// Sendable because each place is written by one thread before a lock hands it on, and only read afterwards.
@safe
final class ChipArena: @unchecked Sendable {
    /// Bytes of a chip.
    let size: Int
    private let start: UnsafeMutableRawPointer

    /// Room for `count` chips of `size` bytes; the system gives memory to places that are written.
    ///
    /// - Throws: `tooManyChips` beyond the machine's memory.
    init(count: Int, size: Int) throws(TrainingError) {
        self.size = size
        let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, bytes <= memory, let start = unsafe malloc(max(bytes, 1)) else {
            throw .tooManyChips(bytes: overflow ? Int.max : bytes, memory: memory)
        }
        unsafe self.start = start
    }

    deinit { unsafe free(start) }

    /// Where chip `place` begins.
    func address(_ place: Int) -> UnsafeMutableRawPointer { unsafe start + place * size }

    /// The bytes of chip `place`, which has been written.
    func bytes(_ place: Int) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(start: address(place).assumingMemoryBound(to: UInt8.self), count: size)
    }
}
