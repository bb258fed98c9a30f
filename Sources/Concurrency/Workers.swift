internal import Synchronization

/// Threads that run blocking calls, so that tasks can wait for them without blocking Swift's own threads.
///
/// A call waits, and its task is suspended, until a thread is free. So callers cannot start more work than the threads
/// can do. If its task is cancelled, a call that still waits is not begun, and a call that runs learns it from its
/// `Cancellation`. If the system allows no further thread, a call runs on its caller's.
///
/// Safe from any thread. The threads end with the last reference to this object.
public final class Workers: Sendable {
    /// As many threads as the machine has processors, created when they are first needed.
    public static let shared = Workers()

    private let queue: CallQueue

    /// Threads for calls, created when they are first needed.
    ///
    /// - Parameter threads: 1 or more; nil for as many as the machine has processors.
    public init(threads: Int? = nil) {
        queue = CallQueue(threads: max(1, threads ?? ProcessorCount.online))
    }

    deinit { queue.close() }

    /// Runs a blocking call on one of the threads.
    ///
    /// - Parameters:
    ///   - cancellation: what the call checks; it is cancelled with the task. nil for a new one.
    ///   - body: the call.
    /// - Throws: `CancellationError` where the task was cancelled; what `body` throws.
    public func run<Result: Sendable>(
        _ cancellation: Cancellation? = nil, _ body: @escaping @Sendable (Cancellation) throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        let wish = cancellation ?? Cancellation()
        let call = PendingCall()
        return try await withTaskCancellationHandler {
            do {
                return try await withCheckedThrowingContinuation { continuation in
                    call.prepare(
                        run: { continuation.resume(with: Swift.Result { try body(wish) }) },
                        drop: { continuation.resume(throwing: CancellationError()) })
                    queue.add(call)
                }
            } catch {
                // The call's own word for it may be any.
                try Task.checkCancellation()
                throw error
            }
        } onCancel: {
            wish.cancel()
            call.drop()
        }
    }
}

/// A call that waits for a thread: it is run or dropped, once.
private final class PendingCall: Sendable {
    private enum State {
        case isMade
        case waits(run: @Sendable () -> Void, drop: @Sendable () -> Void)
        case isDropped
        case isTaken
    }

    private let state = Mutex(State.isMade)

    func prepare(run: @escaping @Sendable () -> Void, drop: @escaping @Sendable () -> Void) {
        let isDropped = state.withLock { state in
            if case .isDropped = state { return true }
            state = .waits(run: run, drop: drop)
            return false
        }
        if isDropped { drop() }
    }

    func run() {
        let run = state.withLock { state -> (@Sendable () -> Void)? in
            guard case .waits(let run, _) = state else { return nil }
            state = .isTaken
            return run
        }
        run?()
    }

    func drop() {
        let drop = state.withLock { state -> (@Sendable () -> Void)? in
            switch state {
            case .isMade:
                state = .isDropped
                return nil
            case .waits(_, let drop):
                state = .isTaken
                return drop
            case .isDropped, .isTaken: return nil
            }
        }
        drop?()
    }
}

/// Calls in the order in which they came, and the threads that take them.
private final class CallQueue: Sendable {
    private struct State: Sendable {
        var calls: [PendingCall] = []
        var threads = 0
        var idle = 0
        var isClosed = false
    }

    private let monitor = Monitor(State())
    private let most: Int
    private let work = BackgroundWork()

    init(threads: Int) { most = threads }

    func close() { monitor.update { $0.isClosed = true } }

    func add(_ call: PendingCall) {
        let most = most
        let needsThread = monitor.update { state in
            state.calls.append(call)
            guard state.idle < state.calls.count, state.threads < most else { return false }
            state.threads += 1
            return true
        }
        guard needsThread, !work.begin({ [self] in serve() }) else { return }
        // Other threads will come to the call. Without any, its caller's thread runs it.
        let isAlone = monitor.update { state in
            state.threads -= 1
            if state.threads == 0 { state.calls.removeAll { $0 === call } }
            return state.threads == 0
        }
        if isAlone { call.run() }
    }

    private func serve() {
        while let call = next() { call.run() }
    }

    private func next() -> PendingCall? {
        monitor.update { $0.idle += 1 }
        return monitor.wait { state -> PendingCall?? in
            if !state.calls.isEmpty {
                state.idle -= 1
                return .some(state.calls.removeFirst())
            }
            guard state.isClosed else { return nil }
            state.idle -= 1
            state.threads -= 1
            return .some(nil)
        }
    }
}
