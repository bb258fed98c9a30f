internal import CSearchKernels
internal import Glibc

/// The loops an index compares with; the table behind it lives as long as the process.
@safe struct Kernel: @unchecked Sendable {
    // Unchecked: the pointer leads to a constant of C.
    let table: UnsafePointer<csk_kernel>

    /// The kernel of FACEGALLERY_KERNEL, or the widest this processor runs.
    static func chosen() throws(IndexError) -> Kernel {
        guard let table = unsafe csk_kernel_chosen() else {
            let name = unsafe getenv("FACEGALLERY_KERNEL").map { unsafe String(cString: $0) }
            throw .unknownKernel(name ?? "")
        }
        return unsafe Kernel(table: table)
    }

    /// "portable", "avx2" or "avx512".
    var name: String { unsafe String(cString: table.pointee.name) }
}
