internal import Files
internal import GalleryModel
internal import Glibc

/// The open file of a `LastWriter`.
///
/// Sendable although it changes: only one thread at a time writes it. That is the process's one writer, the thread that
/// opens the environment before any other has it, or the thread that closes it after all others.
final class WriterNote: @unchecked Sendable {
    private let folder: OpenFolder
    /// Whether this user's files may be made in the folder.
    private let isOwn: Bool
    private var descriptor: Int32 = -1
    private var isWritable = false
    /// The latest commit of this process, 0 before the first.
    private var ownCommit: UInt64 = 0

    /// Opens the note of a gallery's folder; nil if none could be believed.
    init?(in folder: OpenFolder) {
        guard Machine.key != nil, let owner = try? folder.status().owner else { return nil }
        self.folder = folder
        isOwn = Owners.isTrusted(owner)
        open(creating: false)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Opens the file, to write where that is allowed; a link or another user's file is none.
    private func open(creating: Bool) {
        let flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        var opened: Int32 = -1
        if isOwn {
            opened = unsafe openat(
                folder.descriptor, LastWriter.fileName, O_RDWR | flags | (creating ? O_CREAT : 0), 0o600)
        }
        isWritable = opened >= 0
        if opened < 0 { opened = unsafe openat(folder.descriptor, LastWriter.fileName, O_RDONLY | flags) }
        guard opened >= 0 else { return }
        guard let status = try? FileStatus.of(descriptor: opened, path: folder.path),
            status.kind == .regularFile,
            status.links == 1, Owners.isTrusted(status.owner)
        else {
            close(opened)
            isWritable = false
            return
        }
        descriptor = opened
    }

    /// The note, nil if there is none of this machine's.
    var note: LastWriter? {
        guard descriptor >= 0, let machine = Machine.key else { return nil }
        var bytes = [UInt8](repeating: 0, count: LastWriter.size + 1)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        return count == LastWriter.size ? LastWriter(Array(bytes[..<count]), machine: machine) : nil
    }

    /// Whether the note vouches for the data file as it is now; writers may be at work meanwhile.
    func vouches(for file: borrowing DataFile) throws(StoreError) -> Bool {
        for _ in 1...5 {
            let commit = try file.meta().transaction
            guard let note else { return false }
            if note.vouches(for: try file.standing(), at: commit) { return true }
            // Between the two looks another process may have gone on.
            if try file.meta().transaction == commit { return false }
        }
        return false
    }

    /// The size that a file was sealed with.
    var sealedSize: Int? { note?.seal.map { Int($0.size) } }

    /// Notes a data file that was walked, or made here; the note is made where there was none.
    ///
    /// - Parameter standing: how the file stood before the walk.
    func record(_ standing: DataFile.Standing, at commit: UInt64) {
        if descriptor < 0 { open(creating: true) }
        write(LastWriter(inode: standing.inode, user: Owners.current, commit: commit, seal: standing.seal))
    }

    /// Notes the commit that is about to be made, under LMDB's lock.
    ///
    /// A note that another machine or user has written meanwhile stays: their commits were not looked at.
    func announce(_ commit: UInt64) {
        guard isWritable, var note, Owners.isTrusted(note.user),
            note.commit == commit || note.commit &+ 1 == commit
        else { return }
        note.user = Owners.current
        note.commit = commit
        note.seal = nil
        write(note)
        ownCommit = commit
    }

    /// Seals the note once this process commits nothing more.
    ///
    /// A note that does not vouch for the latest commit stays open: another program's work is below that.
    func seal(_ file: borrowing DataFile) {
        guard ownCommit > 0, var note, let standing = try? file.standing(),
            let commit = try? file.meta().transaction, note.commit == ownCommit || ownCommit == commit,
            note.vouches(for: standing, at: commit)
        else { return }
        note.commit = commit
        note.seal = standing.seal
        write(note)
    }

    private func write(_ note: LastWriter) {
        guard isWritable, let machine = Machine.key else { return }
        let bytes = note.encoded(machine: machine)
        // What fails, or is cut short, costs the next opening a walk.
        let count = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        if count != bytes.count || ftruncate(descriptor, off_t(LastWriter.size)) != 0 {
            ftruncate(descriptor, 0)
        }
    }
}
