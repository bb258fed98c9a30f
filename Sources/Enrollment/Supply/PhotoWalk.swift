package import FaceImage

/// Meets the photos of files and folders one after the other, sorted within each folder.
///
/// A photo shows the person after whom the innermost folder around it is named, below the folder that was given; folders
/// named after dates, cameras or programs are left out of account. Without such a folder its file names the person
/// (`Grace_0001.jpg`, `Grace.jpg`), and where that is no person's name either (`IMG_2034.jpg`), nobody is named.
///
/// What is no photo is left out and counted, and a folder is entered once, whatever links lead to it. A file that is
/// named itself is taken whatever it is. Memory: the names within the folders that are open, and 16 bytes for each
/// folder met.
package struct PhotoWalk: Sendable {
    private struct Level {
        let folder: String
        /// The folder's path from the one that the user named on.
        let relative: String
        let names: [PhotoFolders.Name]
        var next = 0
        /// Whom its photos show; nil where each file's name says so itself.
        let subject: String?
        /// Whether the folder is named after a date.
        var isDate = false
    }

    private let paths: [String]
    private var nextPath = 0
    private var levels: [Level] = []
    private var folders: PhotoFolders

    /// What was left out of folders so far.
    package var passedOver: PassedOver { folders.passedOver }

    /// Prepares a walk.
    ///
    /// - Parameter patterns: shell patterns for what is left out of folders.
    /// - Throws: a failure for a folder that cannot be read or holds no photo, before anything is worked on.
    package init(_ paths: [String], excluding patterns: [String] = []) throws(EnrollmentError) {
        guard paths.count(where: { $0 == "-" }) <= 1 else {
            throw .standardInputTwice
        }
        for path in paths where Self.isFolder(path) {
            var trial = PhotoWalk(unchecked: [path], excluding: patterns)
            guard trial.open(path, at: "", subject: nil) else {
                throw .unreadableFolder(path)
            }
            guard trial.nextInFolders() != nil else {
                throw .noPhotos(folder: path, passedOver: trial.passedOver.text)
            }
        }
        self.init(unchecked: paths, excluding: patterns)
    }

    /// Lists all photos at once.
    package static func photos(
        at paths: [String], excluding patterns: [String] = []
    ) throws(EnrollmentError) -> (items: [PhotoItem], passedOver: PassedOver) {
        var walk = try PhotoWalk(paths, excluding: patterns)
        var items: [PhotoItem] = []
        while let item = walk.next() { items.append(item) }
        return (items, walk.passedOver)
    }

    private init(unchecked paths: [String], excluding patterns: [String]) {
        self.paths = paths
        folders = PhotoFolders(excluding: patterns)
    }

    /// The next photo; nil at the end.
    package mutating func next() -> PhotoItem? {
        while true {
            if let item = nextInFolders() { return item }
            guard nextPath < paths.count else { return nil }
            let path = paths[nextPath]
            nextPath += 1
            // A path that is not there fails when it is read, by name and with the reason.
            guard Self.isFolder(path) else {
                return PhotoItem(path: path, subject: ChosenName.ofFile(path), isNamed: true)
            }
            if !open(path, at: "", subject: nil) {
                return Self.unreadable(path, subject: ChosenName.ofFile(path))
            }
        }
    }

    package static func isFolder(_ path: String) -> Bool { path != "-" && PhotoFolders.isFolder(path) }

    private mutating func nextInFolders() -> PhotoItem? {
        while let level = levels.last {
            guard level.next < level.names.count else {
                levels.removeLast()
                continue
            }
            levels[levels.count - 1].next += 1
            guard let entry = folders.entry(level.names[level.next], in: level.folder, at: level.relative)
            else { continue }
            let subject = level.subject ?? ChosenName.ofFile(entry.name)
            switch entry.kind {
            case .photo: return PhotoItem(path: entry.path, subject: subject, isNamed: false)
            case .notUTF8:
                var item = PhotoItem(path: entry.path, subject: subject, isNamed: false)
                item.problem = PhotoFolders.notUTF8
                return item
            case .folder:
                let inner = ChosenName.isOfPerson(folder: entry.name, inFolderOfDate: level.isDate)
                let isDate = ChosenName.isDate(folder: entry.name, inFolderOfDate: level.isDate)
                if !open(
                    entry.path, at: entry.relativePath, subject: inner ? entry.name : level.subject,
                    isDate: isDate)
                {
                    return Self.unreadable(entry.path, subject: subject)
                }
            }
        }
        return nil
    }

    /// Enters a folder; false where it cannot be read.
    private mutating func open(_ folder: String, at relative: String, subject: String?, isDate: Bool = false)
        -> Bool
    {
        guard let names = folders.names(in: folder) else { return false }
        levels.append(
            Level(folder: folder, relative: relative, names: names.sorted(), subject: subject, isDate: isDate))
        return true
    }

    private static func unreadable(_ folder: String, subject: String?) -> PhotoItem {
        var item = PhotoItem(path: folder, subject: subject, isNamed: false)
        item.problem = "the folder cannot be read; check its permissions"
        return item
    }
}
