/// What a set-up of models did: the line of `setup`.
public struct SetupRecord: Codable, Hashable, Sendable {
    /// The folder of models.
    public var cache: String
    /// Paths of the files that were written.
    public var written: [String]
    /// Paths of the files that were there before.
    public var present: [String]

    /// A set-up that is done.
    package init(cache: String, written: [String], present: [String]) {
        (self.cache, self.written, self.present) = (cache, written, present)
    }
}
