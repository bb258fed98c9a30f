package import Files

extension VectorIndex {
    /// Files in the making that earlier versions left in the directory of a saved index; the next save removes them.
    package static func earlierLeftovers(in folder: OpenFolder) -> [Leftover] {
        ((try? folder.names()) ?? []).filter(SavedDirectory.isEarlierLeftover).compactMap { name in
            guard let status = try? folder.status(of: name), status.kind == .regularFile else { return nil }
            return Leftover(name: name, bytes: status.bytesOnDisk)
        }
    }

    /// Removes what makes the files in a folder an index, and makes that durable: before they are removed themselves.
    ///
    /// Otherwise a loss of power could bring back the folder with some of its files.
    package static func removeManifest(in folder: OpenFolder) throws(FileError) {
        if try folder.remove(IndexManifest.fileName) { try folder.synchronise() }
    }

    /// The names of the files of an index that was saved in `directory` under a fingerprint, for copying it; nil if
    /// there is none, or another.
    ///
    /// The manifest comes last, as it must in a copy.
    public static func savedFiles(directory: String, fingerprint: String) -> [String]? {
        guard let manifest = try? SavedDirectory(directory).manifest(), manifest.fingerprint == fingerprint
        else {
            return nil
        }
        return manifest.files.map(\.name) + [IndexManifest.fileName]
    }
}
