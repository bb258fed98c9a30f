extension VectorIndex {
    /// Writes the index to `directory` so that a crash at any moment leaves the old or the new.
    public func save(to directory: String, fingerprint: String) throws(IndexError) {}

    /// Writes a file that Python's `faiss.read_index` opens, with the ids.
    public func exportFaiss(to path: String) throws(IndexError) {}
}
