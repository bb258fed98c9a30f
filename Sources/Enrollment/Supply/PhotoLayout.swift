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
        while let item = walk.next() {
            if item.subject.isEmpty { nameless += 1 } else { photosOfPeople[item.subject, default: 0] += 1 }
        }
    }
}
