import Files
import FoundationEssentials
public import GalleryModel
import Glibc
import TemplateStore
import VectorIndex

extension LocalStorage {
    private static let problemsShown = 100

    /// Counts and sizes, of the index as it was opened or last brought up to date: nothing is taken in to be counted.
    public func statistics() throws(StoreError) -> GalleryStatistics {
        let (subjects, references, chips) = try store.read { reader throws(StoreError) in
            (try reader.subjectCount, try reader.referenceCount, try reader.chips)
        }
        let leftovers = GalleryLeftovers.list(in: store.folder, settings)
        return GalleryStatistics(
            subjects: subjects, references: references,
            bytes: Self.bytesOnDisk(ofFolder: path), format: settings.keepsChips ? 2 : 1,
            changed: Self.lastChange(of: path + "/data.mdb"),
            index: index.statistics, leftovers: leftovers.count,
            leftoverBytes: leftovers.map(\.bytes).saturatingSum, migration: unfinishedMigration,
            chips: chips)
    }

    /// Whether every record is sound and the index on disk, caught up, holds exactly the store's templates.
    ///
    /// O(references); reads every byte of the gallery.
    public func check() throws(StoreError) -> CheckReport {
        let report = try store.verify()
        var problems = report.problems
        var remedies = Set(report.remedies.map(CheckReport.Remedy.init))
        switch try snapshot() {
        case .absent: break
        case .refused(let reason):
            problems.append(reason)
            remedies.insert(.repair)
        case .opened(let index):
            do throws(StoreError) {
                let found = try differences(index)
                problems += found
                if !found.isEmpty { remedies.insert(.repair) }
            } catch .search(let error, _) {
                // A template that is none; the check of the store has named it.
                problems.append("the templates cannot be added to the index: \(error)")
                remedies.insert(.enrolAgain)
            }
        }
        var notes = GalleryLeftovers.list(in: store.folder, settings).map { leftover in
            "\(leftover.name), \(leftover.bytes) bytes, was left by a killed process; "
                + "the next opening that may write removes it"
        }
        if let migration = unfinishedMigration { notes.append(migration.text) }
        return CheckReport(
            subjects: report.subjects, references: report.references, problems: problems, notes: notes,
            remedies: remedies)
    }

    private var unfinishedMigration: UnfinishedMigration? {
        guard let look = MigrationLook(of: store.folder), look.state(settings) == .unfinished else {
            return nil
        }
        return UnfinishedMigration(
            network: look.plan.settings.networkName, made: look.made, bytes: look.bytes)
    }

    /// The index on disk, as a check finds it.
    private enum Snapshot {
        /// There is none of this gallery. A process that ended while it saved may leave one of no gallery; the next
        /// save takes its place.
        case absent
        case opened(VectorIndex)
        case refused(reason: String)
    }

    private func snapshot() throws(StoreError) -> Snapshot {
        var found = Snapshot.absent
        // A save that comes between takes files away that were about to be read: then they are looked at again.
        for _ in 1...3 where VectorIndex.isSaved(in: indexDirectory) {
            let tokens = try followerTokens
            found = try snapshot(of: tokens)
            if case .opened = found { break }
            if try followerTokens == tokens { break }
        }
        return found
    }

    private var followerTokens: [FollowerToken] {
        get throws(StoreError) {
            try store.read { reader throws(StoreError) in try reader.followerTokens }
        }
    }

    private func snapshot(of tokens: [FollowerToken]) throws(StoreError) -> Snapshot {
        do throws(IndexError) {
            try VectorIndex.verify(directory: indexDirectory)
            for token in tokens {
                let outcome = try VectorIndex.outcomeOfOpening(
                    directory: indexDirectory, fingerprint: Self.fingerprint(of: store, token),
                    dimension: settings.dimension, source: StoreVectors(store: store))
                switch outcome {
                case .opened(let index): return .opened(index)
                case .absent, .unrelated: continue
                case .refused(let reason):
                    return .refused(reason: "the saved index in \(indexDirectory) is not used: \(reason)")
                }
            }
            return .absent
        } catch {
            return .refused(reason: "\(error)")
        }
    }

    /// References that are in only one of store and index, or whose vectors differ; all in one state of the store.
    private func differences(_ index: VectorIndex) throws(StoreError) -> [String] {
        try inTransaction { transaction throws(StoreError) in
            try inStorage {
                let reader = LocalReading.Reader(transaction: transaction)
                guard try Self.follow(reader, index) else {
                    return ["the index in \(indexDirectory) does not agree with the gallery's counters"]
                }
                var problems: [String] = []
                let stored = try reader.referenceCount
                if index.count != stored {
                    problems.append("the index has \(index.count) references, the store has \(stored)")
                }
                let state = try StateVectors(transaction, dimension: settings.dimension, isShared: false)
                try index.forEachDisagreement(with: state) { id, disagreement in
                    guard problems.count < Self.problemsShown else { return }
                    problems.append(
                        disagreement == .missing
                            ? "reference \(id) is in the index but not in the store"
                            : "reference \(id) has another vector in the index than in the store")
                }
                return problems
            }
        }
    }

    /// Makes what is derived again: the store's own look-up tables, and the index.
    public func repair() throws(StoreError) {
        _ = try store.repair()
        try rebuildIndex()
    }

    /// Writes an index file that `faiss.read_index` opens.
    public func exportFaiss(to path: String) throws(StoreError) {
        let index = try withFollowedIndex { _, index, _ throws(StoreError) in index }
        try searching { () throws(IndexError) in try index.exportFaiss(to: path) }
        shareInBackground()
    }

    /// Bytes of the files directly in a folder.
    static func bytes(inFolder folder: String) -> Int {
        names(in: folder).map { name in
            var status = stat()
            return unsafe stat("\(folder)/\(name)", &status) == 0 ? max(0, Int(status.st_size)) : 0
        }.saturatingSum
    }

    /// Bytes that a folder and everything below it takes on the disk.
    private static func bytesOnDisk(ofFolder folder: String) -> Int {
        guard let own = try? FileStatus.of(folder, followingLinks: false) else { return 0 }
        return
            ([own.bytesOnDisk]
            + names(in: folder).map { name in
                let path = "\(folder)/\(name)"
                guard let status = try? FileStatus.of(path, followingLinks: false) else { return 0 }
                return status.kind == .folder ? bytesOnDisk(ofFolder: path) : status.bytesOnDisk
            }).saturatingSum
    }

    private static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    private static func lastChange(of file: String) -> Double? {
        guard let moment = (try? FileStatus.of(file))?.changed else { return nil }
        return Double(moment.seconds) + Double(moment.nanoseconds) / 1e9
    }
}

extension CheckReport.Remedy {
    init(_ remedy: StoreReport.Remedy) {
        self =
            switch remedy {
            case .repair: .repair
            case .enrolAgain: .enrolAgain
            case .copy: .restore
            }
    }
}
