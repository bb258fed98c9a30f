package import Album
internal import Enrollment
package import Files
package import Gallery

/// What became of a photo in an album: a line of `sort`.
public struct SortedPhotoRecord: Codable, Hashable, Sendable {
    /// A photo's place in the album.
    public struct Place: Codable, Hashable, Sendable {
        /// The path of the copy or link, from the album's folder on.
        public var path: String
        /// `placed`, or `present` if an earlier run placed it.
        public var outcome: String
    }

    /// The photo's path.
    public var photo: String
    /// Where it is in the album; empty if it is not.
    public var places: [Place]
    /// Why it is not in the album, in a word of the list of refusals; nil if it is, or if it could not be written.
    public var reason: String?
    /// What went wrong.
    public var error: FailureRecord?
    /// Whether nothing was written, because that was asked for.
    public var dryRun: Bool

    /// A photo that is in the album.
    package init(_ photo: String, _ places: [SortedAlbum.Place], dryRun: Bool) {
        (self.photo, self.dryRun) = (photo, dryRun)
        self.places = places.map { Place(path: $0.path, outcome: $0.outcome.rawValue) }
    }

    /// A photo without an answer.
    package init(_ photo: String, _ error: GalleryError, dryRun: Bool) {
        (self.photo, self.dryRun, places) = (photo, dryRun, [])
        reason = Refusal(error, photo: photo).reason.rawValue
        self.error = FailureRecord(error)
    }

    /// A photo that could not be placed.
    package init(_ photo: String, _ error: FileError, dryRun: Bool) {
        (self.photo, self.dryRun, places) = (photo, dryRun, [])
        self.error = FailureRecord(error)
    }
}
