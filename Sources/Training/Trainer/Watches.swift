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
        return "the network has collapsed: in \(inARow) batches all photos had one embedding; begin again with "
            + "a lower --learning-rate, --mining semi-hard, or --loss arcface"
    }
}
