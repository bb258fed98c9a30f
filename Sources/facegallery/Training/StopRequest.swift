import Glibc
import Synchronization

/// Whether the user asked to stop, by Ctrl-C or SIGTERM; a second time ends the program at once.
enum StopRequest {
    private static let asked = Atomic(false)

    static var isAsked: Bool { asked.load(ordering: .relaxed) }

    /// Watches for the signals from now on.
    static func watch() {
        // A handler may not be what first builds a global.
        _ = isAsked
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                StopRequest.asked.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }
}
