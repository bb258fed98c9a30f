internal import Files

/// The outcome of opening a saved index.
public enum OpenOutcome: Sendable {
    /// The index as it was saved.
    case opened(VectorIndex)
    /// There is no saved index.
    case absent
    /// There is one that is not to be believed: damaged, of another format or dimension.
    case refused(reason: String)
    /// There is one with another fingerprint: sound, for all that is known, but of something else.
    case unrelated(reason: String)
}

extension VectorIndex {
    /// Opens what `save` wrote, or says why that is not possible.
    ///
    /// Codes and bytes are mapped, not read: the manifest, the sizes of all files and the checksums of their heads are
    /// compared, `verify` compares the rest. `source` has the vectors of all ids; without one, vectors are asked for
    /// in vain, and only what is loose can be found. A process may open while another saves. Throws only what is not
    /// the saved files' fault: `badDimension`, `unknownKernel`, `cannotRead`. O(lists · dimension + loose rows · dimension).
    public static func outcomeOfOpening(
        directory: String, fingerprint: String, dimension: Int, source: (any VectorSource)? = nil
    ) throws(IndexError) -> OpenOutcome {
        guard (1...65_536).contains(dimension) else { throw .badDimension(dimension) }
        _ = try Kernel.chosen()
        do throws(IndexError) {
            return try SavedDirectory(directory).open(
                fingerprint: fingerprint, dimension: dimension, source: source)
        } catch {
            guard case .damaged = error else { throw error }
            return .refused(reason: error.description)
        }
    }

    /// Opens what `save` wrote; nil if there is nothing, or it is damaged.
    ///
    /// `outcomeOfOpening` does the same and gives the reason.
    public static func open(
        directory: String, fingerprint: String, dimension: Int, source: (any VectorSource)? = nil
    ) throws(IndexError) -> VectorIndex? {
        let outcome = try outcomeOfOpening(
            directory: directory, fingerprint: fingerprint, dimension: dimension, source: source)
        return switch outcome {
        case .opened(let index): index
        case .absent, .refused, .unrelated: nil
        }
    }

    /// Whether a directory holds a saved index; parts of one that was never completed are none.
    public static func isSaved(in directory: String) -> Bool {
        let folder = try? OpenFolder(directory, followingLinks: false)
        return ((try? folder?.status(of: IndexManifest.fileName)) ?? nil) != nil
    }

    /// Reads every byte of a saved index and compares checksums; throws `damaged` naming the file.
    ///
    /// A directory without a saved index is `cannotRead`. O(bytes).
    public static func verify(directory: String) throws(IndexError) {
        let saved = SavedDirectory(directory)
        guard let manifest = try saved.manifest() else {
            throw .cannotRead(file: directory + "/" + IndexManifest.fileName, problem: "there is no such file")
        }
        for file in manifest.files { try saved.check(file, wholly: true) }
        let state = try saved.state(of: manifest)
        for (part, file) in zip(state.segments, manifest.segments) where !part.segment.directoryIsSound() {
            throw .damaged(file: directory + "/" + file.rows.name, problem: "its directory of ids is wrong")
        }
    }
}

extension SavedDirectory {
    fileprivate func open(
        fingerprint: String, dimension: Int, source: (any VectorSource)?
    ) throws(IndexError) -> OpenOutcome {
        var last: IndexManifest?
        while let manifest = try manifest() {
            if let reason = manifest.refusal(fingerprint: fingerprint, dimension: dimension) {
                return manifest.fingerprint == fingerprint
                    ? .refused(reason: reason) : .unrelated(reason: reason)
            }
            do throws(IndexError) {
                let state = try state(of: manifest)
                return .opened(try VectorIndex(state, source: source))
            } catch {
                if case .noMemory = error { throw error }
                // A save that ends between the manifest and its files takes the files away: again, then.
                if manifest == last { throw error }
                last = manifest
            }
        }
        return .absent
    }
}
