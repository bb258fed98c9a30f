internal import Glibc

extension OpenFolder {
    /// Gives a file of this folder the same name in another folder; nothing happens where it is not there.
    ///
    /// A second name of the same file where the file system has them, else a symbolic link.
    package func link(_ name: String, into target: OpenFolder) throws(FileError) {
        let place = try target.path(of: name)
        if unsafe linkat(descriptor, name, target.descriptor, name, 0) == 0 { return }
        switch errno {
        case ENOENT, EEXIST: return
        case EPERM, EOPNOTSUPP, EMLINK, EXDEV:
            let source = try path(of: name)
            guard let whole = unsafe realpath(source, nil) else { return }
            defer { unsafe free(whole) }
            guard unsafe symlinkat(whole, target.descriptor, name) == 0 || errno == EEXIST else {
                throw .system(path: place, doing: .creating, code: errno)
            }
        default: throw .system(path: place, doing: .creating, code: errno)
        }
    }
}
