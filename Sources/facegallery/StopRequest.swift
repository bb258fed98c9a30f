import Enrollment
import Glibc
import Synchronization

/// Whether the user asked to stop, by Ctrl-C or SIGTERM; a second time ends the program at once.
///
/// A long job may also be told by SIGHUP, when the terminal goes, and by SIGUSR1, which job schedulers send before
/// SIGTERM.
enum StopRequest {
    private static let asked = Atomic(false)

    static var isAsked: Bool { asked.load(ordering: .relaxed) }

    /// Watches for the signals from now on.
    ///
    /// - Parameters:
    ///   - outlivesReaders: whether the work goes on when nobody reads what is printed any more.
    ///   - jobSignals: whether SIGHUP and SIGUSR1 ask to stop, too.
    static func watch(outlivesReaders: Bool, jobSignals: Bool = false) {
        // A handler may not be what first builds a global.
        _ = isAsked
        // A parent that started us from a thread of a pool may have blocked these signals.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] {
            unsafe sigaddset(&signals, number)
            signal(number) { number in
                StopRequest.asked.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
        for number in jobSignals ? [SIGHUP, SIGUSR1] : [] {
            unsafe sigaddset(&signals, number)
            // A terminal that goes tells its processes more than once, so a second time ends nothing.
            let before = signal(number) { _ in StopRequest.asked.store(true, ordering: .relaxed) }
            // nohup asks to be left alone.
            if isIgnored(before) { signal(number, SIG_IGN) }
        }
        if outlivesReaders { signal(SIGPIPE, SIG_IGN) }
        unsafe pthread_sigmask(Int32(SIG_UNBLOCK), &signals, nil)
    }

    private static func isIgnored(_ handler: sighandler_t?) -> Bool {
        unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Ends the process without waiting for threads that cannot be stopped; what they hold is given up with it.
    static func endWithThreads(_ code: ExitCode) -> Never {
        fflush(nil)
        _exit(code.rawValue)
    }

    private static let leavesThreads = Atomic(false)

    /// Says that a thread is still at work whose result nobody waits for.
    static func leaveThreads() { leavesThreads.store(true, ordering: .relaxed) }

    /// Ends the process as its command has ended.
    static func end(_ code: ExitCode) -> Never {
        // What `exit` takes down is still in use by threads that are left.
        if leavesThreads.load(ordering: .relaxed) { endWithThreads(code) }
        exit(code.rawValue)
    }

    /// From now on a signal ends the program at once with the code of an interrupted job: nothing can be lost any more.
    static func endAtOnce() {
        for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(ExitCode.tryAgain.rawValue) } }
    }
}

/// The user's request to stop, for code that does not handle signals.
struct UserStop: StopSignal {
    var isRequested: Bool { StopRequest.isAsked }
}
