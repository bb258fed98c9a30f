/// Where most of some numbers lie, whatever a few of them are.
struct RobustSpread {
    /// Fewer say nothing.
    static let fewest = 20
    /// Templates of one photo that was stored twice by different programs differ by less.
    private static let least: Float = 0.01

    let median: Float
    /// 1.4826 times the median distance from the median: the standard deviation, were they normal.
    let deviation: Float

    /// `nil` for fewer than twenty numbers.
    init?(_ numbers: [Float]) {
        guard numbers.count >= Self.fewest else { return nil }
        let median = numbers.sorted()[numbers.count / 2]
        let distances = numbers.map { abs($0 - median) }.sorted()
        self.median = median
        deviation = max(1.4826 * distances[distances.count / 2], Self.least)
    }
}
