import Glibc

/// An answer of an HTTP server.
public struct HTTPReply: Sendable {
    /// The status.
    public let status: Int
    /// Header fields, their names in small letters.
    public let fields: [String: String]
    /// The body.
    public let body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// A connection to a server on this machine, byte for byte: what well-behaved clients cannot send, it can.
///
/// Used by one thread.
public final class HTTPConnection {
    /// Why there is no answer.
    public struct Fault: Error, CustomStringConvertible {
        /// What happened.
        public let description: String
    }

    private let descriptor: Int32
    private var unread: [UInt8] = []

    /// Connects to a port; what then takes longer than so many seconds fails.
    public init(port: Int, seconds: Int = 20) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Fault(description: "cannot connect: \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends bytes; false where the server takes no more.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    descriptor, bytes.baseAddress.map { unsafe $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends text.
    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends a request, with its length if it has a body.
    public func send(
        _ method: String, _ target: String, fields: [(String, String)] = [], body: [UInt8] = []
    ) {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        if !body.isEmpty { head += "Content-Length: \(body.count)\r\n" }
        send(Array((head + "\r\n").utf8) + body)
    }

    /// The answer to a request.
    public func ask(
        _ method: String, _ target: String, fields: [(String, String)] = [], body: [UInt8] = []
    ) throws -> HTTPReply {
        send(method, target, fields: fields, body: body)
        return try reply(isHead: method == "HEAD")
    }

    /// The next answer.
    ///
    /// - Parameter isHead: whether it has no body, whatever its head says.
    public func reply(isHead: Bool = false) throws -> HTTPReply {
        let lines = String(decoding: try upTo([0x0D, 0x0A, 0x0D, 0x0A]), as: UTF8.self).split(separator: "\r\n")
        let parts = lines.first?.split(separator: " ") ?? []
        guard parts.count >= 2, let status = Int(parts[1]) else {
            throw Fault(description: "no answer: \(lines)")
        }
        if status == 100 { return try reply(isHead: isHead) }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            fields[pair[0].lowercased()] = pair.count > 1 ? String(pair[1].drop { $0 == " " }) : ""
        }
        if isHead || status == 204 { return HTTPReply(status: status, fields: fields, body: []) }
        if let length = fields["content-length"].flatMap({ Int($0) }) {
            return HTTPReply(status: status, fields: fields, body: try next(length))
        }
        guard fields["transfer-encoding"]?.lowercased() == "chunked" else {
            return HTTPReply(status: status, fields: fields, body: rest())
        }
        var body: [UInt8] = []
        while true {
            let line = String(decoding: try upTo([0x0D, 0x0A]), as: UTF8.self)
            guard let size = Int(line.prefix { $0 != ";" && $0 != "\r\n" && $0 != "\r" }, radix: 16) else {
                throw Fault(description: "no chunk: \(line)")
            }
            body += try next(size)
            _ = try next(2)
            if size == 0 { return HTTPReply(status: status, fields: fields, body: body) }
        }
    }

    /// All that comes until the server closes the connection, or nothing more for the connection's time limit.
    public func rest() -> [UInt8] {
        while receive() {}
        defer { unread = [] }
        return unread
    }

    /// Takes some bytes of what comes; returns how many there were.
    public func take(_ most: Int) -> Int {
        var block = [UInt8](repeating: 0, count: most)
        return unsafe block.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
    }

    /// Whether the server closes the connection.
    public func isClosed() -> Bool {
        while true {
            var byte: UInt8 = 0
            let count = unsafe recv(descriptor, &byte, 1, 0)
            if count == 0 { return true }
            if count < 0 { return errno == ECONNRESET || errno == EPIPE }
        }
    }

    private func next(_ count: Int) throws -> [UInt8] {
        while unread.count < count { guard receive() else { throw Fault(description: "cut short") } }
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    private func upTo(_ mark: [UInt8]) throws -> [UInt8] {
        var place = 0
        while true {
            while place + mark.count <= unread.count {
                if unread[place..<place + mark.count].elementsEqual(mark) {
                    return try next(place + mark.count)
                }
                place += 1
            }
            guard receive() else { throw Fault(description: "closed after \(unread.count) bytes") }
        }
    }

    private func receive() -> Bool {
        var block = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe block.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return false }
        unread += block[..<count]
        return true
    }
}
