package import Files

/// Puts `bytes` in the place of `path`, so that the old content or the new is there, never a part.
///
/// They are written under a fresh name, synced and renamed; `mode` is the file's, whatever the umask.
/// - Throws: `cannotWrite` with the system's reason; what was at `path` is untouched then.
package func replaceFile(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o644) throws(NetworkError) {
    try writing { () throws(FileError) in
        do throws(FileError) { try ScratchFile.replace(path, with: bytes, mode: mode) } catch .missing {
            // Its folder is: the file is what the user named.
            throw .missing(path: path)
        }
    }
}

/// The same for a name in a folder.
package func replaceFile(
    _ name: String, in folder: OpenFolder, with bytes: [UInt8], mode: UInt32 = 0o644
) throws(NetworkError) {
    try writing { () throws(FileError) in try ScratchFile.replace(name, in: folder, with: bytes, mode: mode) }
}

/// Opens a folder, which is made where it is missing and its parent is there.
///
/// - Parameter followingLinks: whether the folder may be a symbolic link to one.
package func openOrMakeFolder(
    _ path: String, mode: UInt32 = 0o755, followingLinks: Bool = true
) throws(NetworkError) -> OpenFolder {
    try writing { () throws(FileError) in
        do throws(FileError) { return try OpenFolder(path, followingLinks: followingLinks) } catch .missing {
            let (parent, name) = try OpenFolder.holding(path)
            try parent.makeFolder(name, mode: mode)
            return try OpenFolder(path, followingLinks: followingLinks)
        }
    }
}

/// Runs a call that writes, with its error as a network's.
func writing<Result>(_ call: () throws(FileError) -> Result) throws(NetworkError) -> Result {
    do throws(FileError) { return try call() } catch {
        if case .system(let path, _, let code) = error {
            throw .cannotWrite(path: path, reason: FileError.text(of: code))
        }
        throw .cannotWrite(path: error.path, reason: error.reason)
    }
}
