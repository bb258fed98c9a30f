/// How fast a sitting goes.
struct Pace {
    private var last = ContinuousClock.now
    private var photos = 0
    private var steps = 0
    private var seconds = 0.0

    /// The time until the next step counts for it.
    mutating func begin() { last = .now }

    /// Seconds since the step before, validation and checkpoints apart.
    mutating func step(photos: Int) -> Double {
        let now = ContinuousClock.now
        let passed = (now - last) / .seconds(1)
        last = now
        self.photos += photos
        steps += 1
        seconds += passed
        return passed
    }

    var photosPerSecond: Double { Double(photos) / max(seconds, 1e-9) }
    var secondsPerStep: Double { seconds / Double(max(1, steps)) }
}

/// Notices that a network gives every photo the same embedding.
struct CollapseWatch {
    private var inARow = 0
    private var hasWarned = false
    /// Batches without any difference after which it is no accident.
    static let patience = 10

    /// What to tell the user, once until the network has recovered.
    mutating func note(_ isCollapsed: Bool) -> String? {
        guard isCollapsed else {
            (inARow, hasWarned) = (0, false)
            return nil
        }
        inARow += 1
        guard inARow >= Self.patience, !hasWarned else { return nil }
        hasWarned = true
        return
            "the network has collapsed: in \(inARow) batches all photos had the same embedding; start again with "
            + "a lower `learning-rate`, `mining` semi-hard, or `loss` arcface"
    }
}

/// Notices that a network has come to tell people apart less well than the one it began with.
struct ForgettingWatch {
    private var hasWarned = false

    /// What to tell the user, once until the network has recovered.
    mutating func note(_ now: ValidationFigures, before: ValidationFigures) -> String? {
        guard let loss = Self.loss(now, before) else {
            hasWarned = false
            return nil
        }
        guard !hasWarned else { return nil }
        hasWarned = true
        return "the network tells people apart less well than the one it began with (\(loss)): it forgets; "
            + "start again with a lower `learning-rate`, fewer `epochs` or `loss` multi-similarity"
    }

    /// What became worse by more than chance makes of so many searches.
    static func loss(_ now: ValidationFigures, _ before: ValidationFigures) -> String? {
        let spread = (before.rankOne * (1 - before.rankOne) / Double(max(1, before.probes))).squareRoot()
        if now.rankOne < before.rankOne - max(2 * spread, 0.005) {
            return "rank-1 \(percent(now.rankOne)) after \(percent(before.rankOne))"
        }
        let error = (now.standardError ?? 0) + (before.standardError ?? 0)
        if now.accuracy < before.accuracy - max(2 * error, 0.02) {
            return "accuracy \(percent(now.accuracy)) after \(percent(before.accuracy))"
        }
        guard let rate = now.falseNegativeRate, let first = before.falseNegativeRate, rate > first + 0.05 else {
            return nil
        }
        return "FNIR at an FPIR of 1 % \(percent(rate)) after \(percent(first))"
    }

    private static func percent(_ share: Double) -> String { "\((1000 * share).rounded() / 10) %" }
}
