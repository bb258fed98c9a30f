internal import CSearchKernels
internal import Glibc

/// How sure a search must be before it leaves something unread.
///
/// In standard deviations of what codes and lists do not tell. Something is left unread only if neither the best answer so far nor the last of those asked for could be
/// beaten by it.
struct Pruning: Codable, Equatable, Sendable {
    /// For a face whose code has been read.
    var code: Float
    /// For a list.
    var list: Float

    /// By how much less sure it is enough to be of the last answer than of the best.
    static let easeForLastCode: Float = 0.5
    static let easeForLastList: Float = 1

    var limits: csk_pruning {
        csk_pruning(
            best_code: code, last_code: code - Self.easeForLastCode, best_list: list,
            last_list: list - Self.easeForLastList)
    }
}

/// How sure a search must be for a given loss, as measured on the lists themselves.
struct Calibration: Codable, Equatable, Sendable {
    /// What one loss needs.
    struct Row: Codable, Equatable, Sendable {
        /// Fraction of best answers missed, at most, 0…1.
        let loss: Double
        let pruning: Pruning
        /// The fraction that the probes of the calibration missed.
        let measured: Double
        /// Codes read of all, on average by references that search their nearest other one.
        var codesRead: Double
    }

    /// By descending loss.
    var rows: [Row]

    /// Probes that were measured.
    let probes: Int

    /// A calibration that vouches for nothing: every search reads everything.
    static let none = Calibration(rows: [], probes: 0)

    /// The losses that are measured; a search rounds its own down to one of these.
    static let losses = [0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.000_5, 0.000_2, 0.000_1]

    /// What keeps the loss that is asked for; nil if only reading everything does.
    func pruning(for mode: SearchMode) -> Pruning? {
        guard case .maxSearchLoss(let loss) = mode else { return nil }
        return rows.first { $0.loss <= loss }?.pruning
    }
}

/// What one kind of probe needs to find its best answers: a number a probe, in standard deviations.
struct Needs {
    private let ascending: [Float]

    init(_ needs: [Float]) { ascending = needs.sorted() }

    var count: Int { ascending.count }

    /// The least that leaves at most `share` of such probes without their best answer.
    ///
    /// Where the probes are too few to count misses, their upper tail is taken for that of a normal distribution,
    /// and a little is added.
    func limit(missing share: Double) -> Float {
        guard let most = ascending.last else { return -.infinity }
        let allowed = Self.allowedMisses(share * Double(count))
        if allowed > 0 { return ascending[count - 1 - allowed] }
        let low = 0.85
        let high = max(0.95, 1 - 4 / Double(count))
        let from = quantile(low)
        let slope = (quantile(high) - from) / (Self.normal(high) - Self.normal(low))
        let extrapolated = from + slope * (Self.normal(1 - share) - Self.normal(low))
        return max(most, Float(extrapolated)) + 0.1
    }

    /// Misses that may be seen where `expected` are allowed: so few that, one-sided and 95 % sure, no more are to be
    /// expected (Poisson).
    static func allowedMisses(_ expected: Double) -> Int {
        var missed = 0
        while Double(missed + 1) + 2 + 1.645 * (Double(missed + 1) + 0.5).squareRoot() <= expected {
            missed += 1
        }
        return missed
    }

    private func quantile(_ share: Double) -> Double {
        Double(ascending[min(count - 1, Int(share * Double(count)))])
    }

    /// The standard normal number that a share of all lies below, 0 < share < 1.
    static func normal(_ share: Double) -> Double {
        var low = -40.0
        var high = 40.0
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
