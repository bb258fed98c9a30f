package import Files

/// The bytes of a regular file of at most `limit` bytes.
package func readFile(_ path: String, limit: Int) throws(NetworkError) -> [UInt8] {
    try reading { () throws(FileError) in try InputFile(path).readAll(limit: limit) }
}

/// The bytes of a file in a folder, where no symbolic link of that name is followed.
package func readFile(_ name: String, in folder: OpenFolder, limit: Int) throws(NetworkError) -> [UInt8] {
    try reading { () throws(FileError) in try InputFile(name, in: folder).readAll(limit: limit) }
}

/// Runs a call that reads, with its error as a network's.
func reading<Result>(_ call: () throws(FileError) -> Result) throws(NetworkError) -> Result {
    do throws(FileError) { return try call() } catch {
        if case .system(let path, _, let code) = error {
            throw .unreadable(path: path, reason: FileError.text(of: code))
        }
        throw .unreadable(path: error.path, reason: error.reason)
    }
}
