internal import Concurrency

/// Memory that decoders share: each waits for what its photo needs before it allocates.
///
/// Who came first goes first, so that a large photo is not passed by small ones for ever. What needs more than there
/// is decodes alone.
package final class DecodingRoom: Sendable {
    private struct State: Sendable {
        var free: Int
        /// Numbers of those who wait, the first one's first.
        var waiting: [UInt64] = []
        var nextNumber: UInt64 = 0

        /// Takes the bytes if it is this one's turn; nil if it must wait.
        mutating func grant(_ needed: Int, to number: UInt64) -> Bool? {
            guard waiting.first == number, needed <= free else { return nil }
            waiting.removeFirst()
            free -= needed
            return true
        }
    }

    /// The room of this process: 1 GiB.
    package static let shared = DecodingRoom(bytes: 1 << 30)
    /// How often a request to stop is checked for, in seconds.
    private static let patience = 0.1

    /// Bytes there are for all photos in decoding together.
    package let bytes: Int
    private let monitor: Monitor<State>

    package init(bytes: Int) {
        self.bytes = bytes
        monitor = Monitor(State(free: bytes))
    }

    /// How many wait.
    package var waitingCount: Int { monitor.update { $0.waiting.count } }

    /// Bytes that nobody holds.
    package var freeBytes: Int { monitor.update { $0.free } }

    /// Runs `body` once there are `needed` bytes; nil, without `body`, where `shouldStop` says so before.
    package func with<Result, Failure: Error>(
        _ needed: Int, shouldStop: () -> Bool, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let taken = take(needed, shouldStop) else { return nil }
        defer { monitor.update { $0.free += taken } }
        return try body()
    }

    private func take(_ needed: Int, _ shouldStop: () -> Bool) -> Int? {
        let needed = min(max(0, needed), bytes)
        let number = monitor.update { state -> UInt64 in
            state.nextNumber += 1
            state.waiting.append(state.nextNumber)
            return state.nextNumber
        }
        while monitor.wait(atMost: Self.patience, { $0.grant(needed, to: number) }) == nil {
            // Asked outside the lock: the caller's own locks may be behind the question.
            guard shouldStop() else { continue }
            // The next one may be the first now.
            monitor.update { $0.waiting.removeAll { $0 == number } }
            return nil
        }
        return needed
    }
}
