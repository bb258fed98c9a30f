package import Concurrency
import Glibc
import HTTPServer
import Synchronization
import Wire

/// Writes a line of JSON for each exchange.
///
/// A line says when, which call, whose key and how long; never a photo, a template, a key, or a subject's name. Lines are
/// written by a thread of their own, so a slow disk delays no answer; if more than some thousand wait, lines are lost, and
/// the next one says how many.
package final class AccessLog: Sendable {
    private struct Line: Encodable {
        let time: String
        let request: String
        let verb: String?
        let gallery: String?
        let key: String?
        let method: String
        let status: Int
        let sent: Bool
        let bytes: Int
        let seconds: [String: Double]
        let lost: Int?
    }

    private let lines = BoundedQueue<[UInt8]>(capacity: 4_096)
    private let state = Monitor((waiting: 0, lost: 0))
    private let work = BackgroundWork()

    /// Writes to a descriptor, which stays the caller's.
    ///
    /// - Throws: where no thread can be made.
    package init(descriptor: Int32) throws(ThreadError) {
        let (lines, state) = (lines, state)
        let begun = work.begin {
            while true {
                switch lines.take(within: 60) {
                case .ended: return
                case .nothingYet: continue
                case .next(let line):
                    Self.write(line, to: descriptor)
                    state.update { $0.waiting -= 1 }
                }
            }
        }
        guard begun else { throw ThreadError(code: EAGAIN) }
    }

    /// Writes what waits, and ends.
    package func close() {
        lines.end()
        _ = work.wait(atMost: 5)
    }

    func ended(_ exchange: HTTPExchange) {
        let account = exchange.account
        var seconds = [
            "receive": account.receiving, "wait": account.waiting, "work": account.working,
            "send": account.sending,
        ]
        for stage in account.stages { seconds[stage.name, default: 0] += stage.seconds }
        let lost: Int? = state.update { state in
            guard state.waiting < 4_000 else {
                state.lost += 1
                return nil
            }
            state.waiting += 1
            defer { state.lost = 0 }
            return state.lost
        }
        guard let lost else { return }
        let line = Line(
            time: UTCTime.now, request: exchange.id, verb: account.notes["verb"],
            gallery: account.notes["gallery"],
            key: account.notes["key"], method: account.notes["verb"] == nil ? "other" : exchange.method,
            status: account.status, sent: account.isSent, bytes: account.bodyBytes,
            seconds: seconds.mapValues { ($0 * 1e6).rounded() / 1e6 }, lost: lost > 0 ? lost : nil)
        guard let bytes = try? WireFormat.line(line) else { return }
        _ = lines.put(bytes)
    }

    private static func write(_ line: [UInt8], to descriptor: Int32) {
        var rest = line[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// The time of day in UTC, as RFC 3339 has it.
enum UTCTime {
    static var now: String {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        var parts = unsafe tm()
        unsafe gmtime_r(&time.tv_sec, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let milliseconds = String(1_000 + time.tv_nsec / 1_000_000).dropFirst()
        let (year, month, day) = unsafe (1_900 + Int(parts.tm_year), two(parts.tm_mon + 1), two(parts.tm_mday))
        let (hour, minute, second) = unsafe (two(parts.tm_hour), two(parts.tm_min), two(parts.tm_sec))
        return "\(year)-\(month)-\(day)T\(hour):\(minute):\(second).\(milliseconds)Z"
    }
}
