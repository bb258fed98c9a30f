/// A turn, a scaling and a shift of the plane: (x, y) becomes (a x − b y + dx, b x + a y + dy).
///
/// The scale is √(a² + b²), the angle atan2(b, a). It mirrors nothing.
public struct SimilarityTransform: Sendable, Equatable {
    /// Scale times cosine and scale times sine of the angle.
    public var a: Double, b: Double
    /// The shift, after turn and scaling.
    public var dx: Double, dy: Double

    /// A transform from its four numbers.
    public init(a: Double, b: Double, dx: Double, dy: Double) {
        (self.a, self.b, self.dx, self.dy) = (a, b, dx, dy)
    }

    /// The transform that brings `points` nearest to `targets`: the sum of squared distances is the least possible.
    ///
    /// S. Umeyama, “Least-squares estimation of transformation parameters between two point patterns” (1991), which
    /// has a closed form in the plane. nil if the counts differ, the points coincide or a number is not finite.
    public init?(from points: [Landmark], to targets: [Landmark]) {
        guard points.count == targets.count, let from = Landmark.mean(points), let to = Landmark.mean(targets)
        else {
            return nil
        }
        var (along, across, spread) = (0.0, 0.0, 0.0)
        for (point, target) in zip(points, targets) {
            let (px, py) = (point.x - from.x, point.y - from.y)
            let (tx, ty) = (target.x - to.x, target.y - to.y)
            along += px * tx + py * ty
            across += px * ty - py * tx
            spread += px * px + py * py
        }
        let (a, b) = (along / spread, across / spread)
        // NaN, as of points that coincide, fails the comparison.
        guard spread > 0, a * a + b * b > 0, a.isFinite, b.isFinite else { return nil }
        self.init(
            a: a, b: b, dx: to.x - (a * from.x - b * from.y), dy: to.y - (b * from.x + a * from.y))
    }

    /// How many times longer lines become.
    public var scale: Double { (a * a + b * b).squareRoot() }

    /// What undoes it; nil if the scale is 0.
    public var inverse: SimilarityTransform? {
        let square = a * a + b * b
        guard square > 0, square.isFinite else { return nil }
        let (p, q) = (a / square, -b / square)
        return SimilarityTransform(a: p, b: q, dx: -(p * dx - q * dy), dy: -(q * dx + p * dy))
    }

    /// Where a point comes to lie.
    public func callAsFunction(_ point: Landmark) -> Landmark {
        Landmark(x: a * point.x - b * point.y + dx, y: b * point.x + a * point.y + dy)
    }
}

extension Landmark {
    /// nil of no points.
    static func mean(_ points: [Landmark]) -> Landmark? {
        guard !points.isEmpty else { return nil }
        let count = Double(points.count)
        return Landmark(
            x: points.reduce(0) { $0 + $1.x } / count, y: points.reduce(0) { $0 + $1.y } / count)
    }
}
