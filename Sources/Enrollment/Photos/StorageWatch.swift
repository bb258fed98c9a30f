import Gallery
import Glibc

/// Notices that the storage under the photos is gone, which must not look like a million bad photos.
struct StorageWatch {
    private struct Root {
        let path: String
        let device: UInt
        let inode: UInt
    }

    /// Failures of the system in a row that are no chance any more.
    private static let mostFailures = 16
    private var roots: [Root] = []
    private var failures = 0

    /// - Parameter folders: that the photos are in; those that do not exist are not watched.
    init(_ folders: [String]) {
        for folder in folders {
            if let (device, inode) = Self.identity(of: folder) {
                roots.append(Root(path: folder, device: device, inode: inode))
            }
        }
    }

    /// Takes note of the outcome of a photo.
    ///
    /// - Throws: `.folderGone`; `.storageFails` after many failures in a row.
    mutating func saw(_ outcome: PhotoOutcome) throws(EnrollmentError) {
        guard case .refused(let refusal) = outcome, refusal.mayBeStorage else {
            failures = 0
            return
        }
        for root in roots {
            if let (device, inode) = Self.identity(of: root.path), device == root.device, inode == root.inode {
                continue
            }
            throw .folderGone(root.path)
        }
        failures += refusal.kind == .inputOutput ? 1 : 0
        guard failures < Self.mostFailures else {
            throw .storageFails(photos: failures, last: refusal.message)
        }
    }

    private static func identity(of folder: String) -> (device: UInt, inode: UInt)? {
        var status = stat()
        guard unsafe stat(folder.isEmpty ? "." : folder, &status) == 0 else { return nil }
        return (status.st_dev, status.st_ino)
    }
}
