import FoundationEssentials
import Glibc
import TemplateStore
import VectorIndex

extension LocalStorage {
    private static let problemsShown = 100

    /// Counts and sizes.
    public func statistics() throws(GalleryError) -> GalleryStatistics {
        let index = try followedIndex()
        let (subjects, references) = try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in
                (try reader.subjectCount, try reader.referenceCount)
            }
        }
        let stored = try wrap { () throws(StoreError) in try store.bytesOnDisk }
        return GalleryStatistics(
            subjects: subjects, references: references, bytes: stored + Self.bytes(inFolder: indexDirectory),
            index: index.statistics)
    }

    /// Whether every record is sound and the index on disk, caught up, holds exactly the store's templates.
    ///
    /// O(references); reads every byte of the gallery.
    public func check() throws(GalleryError) -> CheckReport {
        let report = try wrap { () throws(StoreError) in try store.verify() }
        var problems = report.problems
        problems += try snapshotProblems()
        return CheckReport(
            subjects: report.subjects, references: report.references, problems: problems)
    }

    private func snapshotProblems() throws(GalleryError) -> [String] {
        var problems: [String] = []
        var index = try Self.emptyIndex(for: store)
        let token = try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in try reader.followerToken }
        }
        if VectorIndex.isSaved(in: indexDirectory) {
            do throws(IndexError) {
                try VectorIndex.verify(directory: indexDirectory)
                if let snapshot = try Self.snapshotOrReason(store, token, indexDirectory, &problems) {
                    index = snapshot
                }
            } catch {
                problems.append("\(error)")
            }
        }
        try Self.bringUpToDate(index, with: store)
        problems += try differences(index)
        return problems
    }

    private static func snapshotOrReason(
        _ store: TemplateStore, _ token: FollowerToken?, _ directory: String, _ problems: inout [String]
    ) throws(IndexError) -> VectorIndex? {
        guard let token else { return nil }
        let outcome = try VectorIndex.outcomeOfOpening(
            directory: directory, fingerprint: fingerprint(of: store, token),
            dimension: store.settings.dimension, source: StoreVectors(store: store))
        switch outcome {
        case .opened(let index): return index
        // A process that ended between a save and the commit that vouches for it leaves such a one; the next save
        // takes its place.
        case .absent, .unrelated: return nil
        case .refused(let reason):
            problems.append("the snapshot in \(directory) is not used: \(reason)")
            return nil
        }
    }

    /// References that are in only one of store and index, or whose vectors differ.
    private func differences(_ index: VectorIndex) throws(GalleryError) -> [String] {
        var problems: [String] = []
        let stored = try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in try reader.referenceCount }
        }
        if index.count != stored {
            problems.append("the index holds \(index.count) references, the store \(stored)")
        }
        try wrap { () throws(IndexError) in
            try index.forEachDisagreement { id, disagreement in
                guard problems.count < Self.problemsShown else { return }
                problems.append(
                    disagreement == .missing
                        ? "reference \(id) is in the index and not in the store"
                        : "reference \(id) has another vector in the index than in the store")
            }
        }
        return problems
    }

    /// Makes what is derived anew: the store's own look-up tables, and the index.
    public func repair() throws(GalleryError) {
        _ = try wrap { () throws(StoreError) in try store.repair() }
        try rebuildIndex()
    }

    /// Writes an index file that `faiss.read_index` opens.
    public func exportFaiss(to path: String) throws(GalleryError) {
        // What is written takes the place of what was there: that must never be a device or another's link.
        var status = stat()
        guard unsafe lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw .badArgument("\(path): exists and is not a regular file; name another")
        }
        let index = try followedIndex()
        try wrap { () throws(IndexError) in try index.exportFaiss(to: path) }
    }

    static func bytes(inFolder folder: String) -> Int {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.reduce(0) { sum, file in
            var status = stat()
            return unsafe stat("\(folder)/\(file)", &status) == 0 ? sum + Int(status.st_size) : sum
        }
    }
}
