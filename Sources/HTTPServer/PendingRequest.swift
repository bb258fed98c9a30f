import CMicrohttpd
import Synchronization

/// A request between its head and its end.
///
/// The bridge holds it as the note of its exchange, from `begin` to `ended`.
final class PendingRequest: Sendable {
    private let head: HTTPHead
    private let exchange: HTTPExchange
    private let admission: HTTPAdmission

    private init(_ head: HTTPHead, _ exchange: HTTPExchange, _ admission: HTTPAdmission) {
        (self.head, self.exchange, self.admission) = (head, exchange, admission)
    }

    /// Bytes beyond its limit that a body may have and still be read, so that its client gets an answer.
    private static let forgiven = 8 << 20

    // MARK: Calls of the bridge

    /// The head of a request has come; returns the bytes that its body may have.
    static func begin(_ handle: OpaquePointer, _ core: ServerCore) -> Int {
        let head = unsafe readHead(handle)
        let exchange = HTTPExchange(
            id: HTTPExchange.usableID(head.field("x-request-id")) ?? HTTPExchange.newID(), method: head.method)
        let admission = admit(head, exchange, core)
        let pending = PendingRequest(head, exchange, admission)
        unsafe cmhd_set_note(handle, Unmanaged.passRetained(pending).toOpaque())
        switch admission {
        case .accept(let work): return max(0, work.bodyLimit)
        case .answer(var response):
            let isLast = core.isEnding.load(ordering: .acquiring) || head.fault != nil
            // libmicrohttpd closes a connection over which a request is answered before it has come whole. One
            // without a body has come in a moment.
            guard isLast || head.hasBody else { return 0 }
            response.fields.append(("Connection", "close"))
            unsafe send(response, to: handle, exchange)
            return 0
        }
    }

    private static func admit(_ head: HTTPHead, _ exchange: HTTPExchange, _ core: ServerCore) -> HTTPAdmission {
        func refuse(_ failure: HTTPFailure) -> HTTPAdmission {
            .answer(core.application.response(to: failure, exchange))
        }
        if let fault = head.fault { return refuse(.malformed(reason: fault)) }
        if core.isEnding.load(ordering: .acquiring) { return refuse(.ending) }
        let admission = core.application.admit(head, exchange)
        guard case .accept(let work) = admission else { return admission }
        if core.queue(work.lane)?.isFull == true { return refuse(.overloaded) }
        // Of what is somewhat too long the bytes are awaited: most clients listen only after they have sent.
        let isAwaited = head.field("expect") == nil ? forgiven : 0
        if let length = head.contentLength, length > work.bodyLimit, length - work.bodyLimit > isAwaited {
            return refuse(.bodyTooLarge(limit: work.bodyLimit))
        }
        return admission
    }

    /// The whole request has come.
    static func complete(_ handle: OpaquePointer, _ core: ServerCore) {
        guard let note = unsafe cmhd_note(handle) else { return }
        let pending = unsafe Unmanaged<PendingRequest>.fromOpaque(note).takeUnretainedValue()
        let exchange = pending.exchange
        exchange.change { $0.receiving = $0.lap() }
        let work: HTTPWork
        switch pending.admission {
        case .accept(let accepted): work = accepted
        case .answer(let response): return unsafe send(response, to: handle, exchange)
        }
        func refuse(_ failure: HTTPFailure) {
            unsafe send(core.application.response(to: failure, exchange), to: handle, exchange)
        }
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        switch unsafe cmhd_body(handle, &bytes, &count) {
        case CMHD_BODY_WHOLE: break
        case CMHD_BODY_TOO_LARGE: return refuse(.bodyTooLarge(limit: work.bodyLimit))
        default: return refuse(.overloaded)
        }
        let body = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
        exchange.change { $0.bodyBytes = body.count }
        let request = HTTPRequest(head: pending.head, body: body, exchange: exchange)
        guard let queue = core.queue(work.lane) else {
            unsafe send(work.respond(request), to: handle, exchange)
            return
        }
        unsafe cmhd_wait(handle)
        let held = unsafe HeldExchange(handle)
        let isTaken = queue.add {
            exchange.change { $0.waiting = $0.lap() }
            let response = work.respond(request)
            unsafe send(response, to: held.handle, exchange)
        }
        if !isTaken { refuse(.overloaded) }
    }

    /// An exchange is over.
    static func ended(_ note: UnsafeMutableRawPointer?, isSent: Bool, _ core: ServerCore) {
        guard let note = unsafe note else { return }
        let pending = unsafe Unmanaged<PendingRequest>.fromOpaque(note).takeRetainedValue()
        pending.exchange.change {
            $0.sending = $0.lap()
            $0.isSent = isSent
        }
        core.application.ended(pending.exchange)
    }

    // MARK: Head and answer

    private static func readHead(_ handle: OpaquePointer) -> HTTPHead {
        final class Fields { var all: [(name: String, value: String)] = [] }
        let fields = Fields()
        unsafe cmhd_headers(handle, Unmanaged.passUnretained(fields).toOpaque()) {
            context, name, nameSize, value, valueSize in
            guard let context = unsafe context else { return }
            func text(_ start: UnsafePointer<CChar>, _ count: Int) -> String {
                unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
            }
            unsafe Unmanaged<Fields>.fromOpaque(context).takeUnretainedValue().all.append(
                (text(name, nameSize), text(value, valueSize)))
        }
        return unsafe HTTPHead(
            method: String(cString: cmhd_method(handle)), target: String(cString: cmhd_target(handle)),
            fields: fields.all)
    }

    /// Answers an exchange; the bridge's handle is given up.
    private static func send(_ response: HTTPResponse, to handle: OpaquePointer, _ exchange: HTTPExchange) {
        exchange.change {
            $0.working += $0.lap()
            $0.status = response.status
        }
        var head = ResponseHead(response.fields)
        head.add("X-Request-Id", exchange.id)
        switch response.body {
        case .bytes(let bytes):
            unsafe head.withFields { fields, count in
                _ = unsafe cmhd_answer(handle, UInt32(response.status), fields, count, bytes, bytes.count)
            }
        case .stream(let write):
            let isThere = unsafe head.withFields { fields, count in
                unsafe cmhd_stream_begin(handle, UInt32(response.status), fields, count)
            }
            var hasFailed = isThere == 0
            if !hasFailed {
                let writer = HTTPBodyWriter { bytes in unsafe cmhd_stream_write(handle, bytes, bytes.count) != 0
                }
                do { try write(writer) } catch { hasFailed = true }
            }
            exchange.change { $0.working += $0.lap() }
            unsafe cmhd_stream_end(handle, hasFailed ? 1 : 0)
        }
    }
}

/// A handle of the bridge on its way to the thread that answers it, and gives it up.
@safe private struct HeldExchange: @unchecked Sendable {
    // Unchecked and safe: one thread has it at a time, and the bridge's calls are safe from any.
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }
}

/// Header fields as C has them: all texts behind one another, each ended by a zero.
private struct ResponseHead {
    private var texts: [CChar] = []
    private var places: [(name: Int, value: Int)] = []

    init(_ fields: [(name: String, value: String)]) {
        for (name, value) in fields { add(name, value) }
    }

    /// Adds a field, unless it would break out of its line.
    mutating func add(_ name: String, _ value: String) {
        guard (name + value).utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return }
        places.append((append(name), append(value)))
    }

    private mutating func append(_ text: String) -> Int {
        defer {
            texts += text.utf8.map { CChar(bitPattern: $0) }
            texts.append(0)
        }
        return texts.count
    }

    func withFields<Result>(_ body: (UnsafePointer<cmhd_field>?, Int) -> Result) -> Result {
        unsafe texts.withUnsafeBufferPointer { texts in
            guard let start = texts.baseAddress else { return body(nil, 0) }
            let fields = unsafe places.map { unsafe cmhd_field(name: start + $0.name, value: start + $0.value) }
            return unsafe fields.withUnsafeBufferPointer { unsafe body($0.baseAddress, $0.count) }
        }
    }
}
