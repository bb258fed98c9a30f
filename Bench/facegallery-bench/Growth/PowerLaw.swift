import Foundation

/// a · n^b, fitted to measurements by least squares of their logarithms.
struct PowerLaw: Encodable {
    let factor: Double
    let exponent: Double

    /// Needs two different sizes, and numbers above 0.
    init?(_ points: [(n: Double, value: Double)]) {
        let logs = points.map { (x: log($0.n), y: log($0.value)) }
        let count = Double(logs.count)
        guard logs.allSatisfy({ $0.x.isFinite && $0.y.isFinite }), count > 1 else { return nil }
        let mean = (x: logs.map(\.x).reduce(0, +) / count, y: logs.map(\.y).reduce(0, +) / count)
        let spread = logs.map { ($0.x - mean.x) * ($0.x - mean.x) }.reduce(0, +)
        guard spread > 0 else { return nil }
        exponent = logs.map { ($0.x - mean.x) * ($0.y - mean.y) }.reduce(0, +) / spread
        factor = exp(mean.y - exponent * mean.x)
    }
}
