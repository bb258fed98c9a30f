extension VectorIndex {
    /// The names of the files of an index that was saved in `directory` under a fingerprint, for copying it; nil where
    /// there is none, or another.
    ///
    /// The manifest comes last, as it must in a copy.
    public static func savedFiles(directory: String, fingerprint: String) -> [String]? {
        guard let manifest = try? SavedDirectory(directory).manifest(), manifest.fingerprint == fingerprint
        else {
            return nil
        }
        return manifest.files.map(\.name) + [Manifest.fileName]
    }
}
