internal import GalleryModel

/// Whom the photos of folders and files show, by their names alone; no photo is read.
///
/// What a user should see before a first enrolment: a layout that was understood otherwise than meant makes two people
/// one subject, or one person several.
public struct PhotoLayout: Sendable {
    /// Photos of each person.
    public private(set) var photosOfPeople: [String: Int] = [:]
    /// Photos that name nobody, and are refused.
    public private(set) var nameless = 0

    /// Goes through folders as an enrolment does.
    ///
    /// - Parameters:
    ///   - paths: files and folders.
    ///   - patterns: shell patterns for what is left out of folders.
    /// - Throws: for a folder that cannot be read or holds no photo.
    /// - Complexity: O(files); memory: the names of people.
    public init(of paths: [String], excluding patterns: [String] = []) throws(EnrollmentError) {
        var walk = try PhotoWalk(paths, excluding: patterns)
        // What cannot be opened is refused for that, whoever it would show.
        while let item = walk.next() {
            guard item.problem == nil else { continue }
            guard !item.subject.isEmpty else {
                nameless += 1
                continue
            }
            // Spellings that look the same are one subject; a name that no subject can have is refused later.
            let name = (try? SubjectName.canonical(item.subject)) ?? item.subject
            photosOfPeople[name, default: 0] += 1
        }
    }
}
