internal import Glibc

extension OpenFolder {
    /// Lets into a file or folder of this folder whom the folder itself lets in: its owner, its group, its permissions.
    ///
    /// What cannot be given to the folder's group is not opened to another one. Nothing fails: the file stays its
    /// maker's alone then.
    ///
    /// - Parameter isFile: whether the right to enter folders is left out.
    private func shareAccess(with descriptor: Int32, isFile: Bool) {
        guard let own = try? status(), Owners.isTrusted(own.owner) else { return }
        var permissions = own.mode & (isFile ? 0o666 : 0o777)
        if fchown(descriptor, own.owner, own.group) != 0 { _ = fchown(descriptor, .max, own.group) }
        let given = try? FileStatus.of(descriptor: descriptor, path: path)
        if given?.group != own.group { permissions &= 0o707 }
        if given?.owner != own.owner, own.owner != Owners.current { permissions &= 0o770 }
        _ = fchmod(descriptor, mode_t(permissions | 0o600))
    }

    /// Gives a file in the making to those who may enter this folder.
    package func shareAccess(with file: ScratchFile) { shareAccess(with: file.descriptor, isFile: true) }

    /// Gives a folder that was just made here to those who may enter this one.
    package func shareAccess(with folder: OpenFolder) { shareAccess(with: folder.descriptor, isFile: false) }

    /// Removes a folder of this one with all that is in it; a link is not followed, nor a folder of another user entered.
    package func removeTree(_ name: String) throws(FileError) {
        let folder = try OpenFolder(name, in: self)
        try folder.requireTrustedOwner()
        ScratchMark.removeTree(name, folder, in: self)
    }
}
