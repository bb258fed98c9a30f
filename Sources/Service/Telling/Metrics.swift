import HTTPServer
import Synchronization

/// Counts of what a service does, for Prometheus.
///
/// Safe from any thread.
final class Metrics: Sendable {
    /// A distribution of seconds.
    private struct Histogram {
        /// Upper bounds of its buckets, in seconds.
        static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
        var counts = [Int](repeating: 0, count: bounds.count)
        var count = 0
        var sum = 0.0

        mutating func add(_ seconds: Double) {
            for (place, bound) in Self.bounds.enumerated() where seconds <= bound { counts[place] += 1 }
            count += 1
            sum += seconds
        }
    }

    private struct Response: Hashable {
        let method: String
        let endpoint: String
        let status: Int
    }

    private struct State {
        var responses: [Response: Int] = [:]
        var durations: [String: Histogram] = [:]
        var stages: [String: Histogram] = [:]
        var decisions: [String: Int] = [:]
        var refusals: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// A face, or a template, was searched, and this was decided.
    func decided(_ decision: String) { state.withLock { $0.decisions[decision, default: 0] += 1 } }

    /// A photo or template was not enrolled.
    func refused(_ reason: String) { state.withLock { $0.refusals[reason, default: 0] += 1 } }

    /// An exchange is over.
    func ended(_ account: HTTPExchange.Account, method: String) {
        let verb = account.notes["verb"] ?? "none"
        // A method that no call has could be any text.
        let method = account.notes["verb"] == nil ? "other" : method
        state.withLock { state in
            let response = Response(method: method, endpoint: verb, status: account.status)
            state.responses[response, default: 0] += 1
            state.durations[verb, default: Histogram()].add(account.total)
            for stage in account.stages { state.stages[stage.name, default: Histogram()].add(stage.seconds) }
        }
    }

    /// The text of all figures.
    func text(galleries: [(name: String, subjects: Int, references: Int)], load: HTTPServer.Load) -> String {
        let state = state.withLock { $0 }
        var text = ""
        func head(_ name: String, _ type: String, _ help: String) {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        }
        func gauge(_ name: String, _ help: String, _ value: Int) {
            head(name, "gauge", help)
            text += "\(name) \(value)\n"
        }
        head("gallery_subjects", "gauge", "Enrolled subjects.")
        for gallery in galleries {
            text += "gallery_subjects{\(label("gallery", gallery.name))} \(gallery.subjects)\n"
        }
        head("gallery_references", "gauge", "Enrolled references.")
        for gallery in galleries {
            text += "gallery_references{\(label("gallery", gallery.name))} \(gallery.references)\n"
        }
        head("identify_decisions_total", "counter", "Faces and templates that were searched, by decision.")
        for (decision, count) in state.decisions.sorted(by: { $0.key < $1.key }) {
            text += "identify_decisions_total{\(label("decision", decision))} \(count)\n"
        }
        head("enroll_rejected_total", "counter", "Photos and templates that were not enrolled, by reason.")
        for (reason, count) in state.refusals.sorted(by: { $0.key < $1.key }) {
            text += "enroll_rejected_total{\(label("reason", reason))} \(count)\n"
        }
        head("http_responses_total", "counter", "Answers, by call and status.")
        for (response, count) in state.responses.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            let labels = [
                label("method", response.method), label("endpoint", response.endpoint),
                label("status", "\(response.status)"),
            ].joined(separator: ",")
            text += "http_responses_total{\(labels)} \(count)\n"
        }
        histograms(
            "http_responses_duration_seconds", "endpoint", "Time from a request's head to its answer.",
            state.durations, &text)
        histograms(
            "request_stage_duration_seconds", "stage", "Time of the parts of the work.", state.stages, &text)
        gauge("http_requests_in_flight", "Requests that have begun and are not over.", load.inFlight)
        gauge("http_requests_waiting", "Requests that wait for a thread of the engine.", load.waiting)
        gauge("http_connections", "Open connections.", load.connections)
        head("http_connections_cut_total", "counter", "Connections that were cut because they were too slow.")
        text += "http_connections_cut_total \(load.cut)\n"
        gauge("process_resident_memory_bytes", "Memory of the process.", ProcessFigures.residentBytes)
        gauge("process_open_fds", "Open file descriptors.", ProcessFigures.openDescriptors)
        return text
    }

    private func histograms(
        _ name: String, _ key: String, _ help: String, _ all: [String: Histogram], _ text: inout String
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
        for (value, histogram) in all.sorted(by: { $0.key < $1.key }) {
            let own = label(key, value)
            for (bound, count) in zip(Histogram.bounds, histogram.counts) {
                text += "\(name)_bucket{\(own),le=\"\(bound)\"} \(count)\n"
            }
            text += "\(name)_bucket{\(own),le=\"+Inf\"} \(histogram.count)\n"
            text += "\(name)_sum{\(own)} \(histogram.sum)\n\(name)_count{\(own)} \(histogram.count)\n"
        }
    }

    private func label(_ name: String, _ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\(name)=\"\(escaped)\""
    }
}
