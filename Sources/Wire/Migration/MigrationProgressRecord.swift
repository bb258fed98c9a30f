/// How far a change of the network is: an event a second.
public struct MigrationProgressRecord: Codable, Hashable, Sendable {
    /// `progress`.
    public var event: String
    /// References of this run that are done.
    public var done: Int
    /// References that it found to do.
    public var total: Int
    /// References that cannot be made again.
    public var missing: Int
    /// References a second, over the last 10 to 20 seconds; one decimal.
    public var perSecond: Double

    /// A change under way.
    package init(done: Int, total: Int, missing: Int, perSecond: Double) {
        (event, self.done, self.total, self.missing) = ("progress", done, total, missing)
        self.perSecond = perSecond.tenths
    }
}
