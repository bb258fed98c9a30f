internal import Files
public import GalleryModel

/// What a data file holds that came from elsewhere.
public struct StoreExamination: Sendable, Equatable {
    /// What the gallery fixed when it was created.
    public let settings: StoreSettings
    /// Subjects in it.
    public let subjects: Int
    /// References in it.
    public let references: Int
}

extension TemplateStore {
    /// Files of a gallery that say something of this machine or its processes alone: no part of a copy.
    package static var localFiles: [String] { [DataFile.lockName, LastWriter.fileName] }

    /// Walks a data file that came from elsewhere, before anything else is done with it.
    ///
    /// LMDB trusts its pages. So each is looked at with plain reads: its kind, its place in its tree, its records,
    /// their order, the free pages, and that none is used twice; and of every record its size, its texts and numbers,
    /// and of templates the length. Readers of a record check its checksum. A file that passes is noted as this
    /// user's, so that the next opening need not look again. Nobody may write to it meanwhile.
    /// - Throws: `damaged` with the first thing that is wrong; `notAGallery`.
    /// - Complexity: O(gallery), two bits of memory a page.
    public static func examine(at path: String) throws(StoreError) -> StoreExamination {
        let folder = try onFiles(path, "opening") { () throws(FileError) in try OpenFolder(path) }
        let file = try DataFile(in: folder, path: path)
        let (meta, standing) = (try file.meta(), try file.standing())
        let walk = try PageWalk(file, meta, .untilFault, contents: .gallery)
        if let problem = walk.problems.first ?? walk.recordProblems.first {
            throw .damaged(path: path, reason: problem)
        }
        guard let settings = walk.settings else { throw .notAGallery(path: path) }
        for database in Database.all(keepsChips: settings.keepsChips)
        where walk.entries[database.name] == nil {
            throw .damaged(path: path, reason: "its database '\(database.name)' is missing")
        }
        WriterNote(in: folder)?.record(standing, at: meta.transaction)
        return StoreExamination(
            settings: settings, subjects: Int(clamping: walk.entries[Database.subjects.name] ?? 0),
            references: Int(clamping: walk.entries[Database.references.name] ?? 0))
    }
}
