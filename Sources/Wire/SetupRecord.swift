/// What a set-up of models did: the line of `setup`.
public struct SetupRecord: Codable, Hashable, Sendable {
    /// The folder of models.
    public var cache: String
    /// Files that were written, by their paths in the cache.
    public var written: [String]
    /// Files that were there before, likewise.
    public var present: [String]

    /// A set-up that is done.
    package init(cache: String, written: [String], present: [String]) {
        (self.cache, self.written, self.present) = (cache, written, present)
    }
}
