import Glibc

/// Why a server cannot start.
package enum HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text names no address and port.
    case badAddress(String)
    /// Nothing can listen there.
    case cannotListen(address: String, reason: String)
    /// The library, or the system, refuses.
    case cannotStart(reason: String)

    /// One line that says so, and what to do.
    package var description: String {
        switch self {
        case .badAddress(let text):
            "'\(text)' is no address to listen on: give host and port, such as 127.0.0.1:8080 or [::1]:8080"
        case .cannotListen(let address, let reason):
            "cannot listen on \(address): \(reason); choose another address, or end what listens there"
        case .cannotStart(let reason): "the server cannot start: \(reason)"
        }
    }
}

/// A socket that waits for connections.
package struct ListeningSocket: Sendable {
    /// Its descriptor.
    let descriptor: Int32
    /// The port; the system's choice where 0 was asked for.
    package let port: Int
    /// Whether only this machine can reach it.
    package let isLoopback: Bool

    /// Listens on an address, such as `127.0.0.1:8080`, `[::1]:0` or `localhost:8080`.
    ///
    /// - Throws: `badAddress`, `cannotListen`.
    package init(_ address: String) throws(HTTPServerError) {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...])
        else { throw .badAddress(address) }
        var host = String(address[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, !host.utf8.contains(0) else { throw .badAddress(address) }
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, "\(port)", &hints, &found)
        guard status == 0, let first = unsafe found else {
            throw .cannotListen(address: address, reason: unsafe String(cString: gai_strerror(status)))
        }
        defer { unsafe freeaddrinfo(first) }
        let descriptor = unsafe socket(
            first.pointee.ai_family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .cannotListen(address: address, reason: Self.reason(errno)) }
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard unsafe bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0,
            listen(descriptor, 1_024) == 0
        else {
            let code = errno
            close(descriptor)
            throw .cannotListen(address: address, reason: Self.reason(code))
        }
        var bound = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let (bytes, isLoopback) = unsafe withUnsafeMutablePointer(to: &bound) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe getsockname(descriptor, $0, &length)
            }
            return unsafe Self.facts(UnsafeRawBufferPointer(start: pointer, count: Int(length)))
        }
        (self.descriptor, self.port, self.isLoopback) = (descriptor, bytes, isLoopback)
    }

    /// The port of an address of the system, and whether only this machine has it.
    private static func facts(_ address: UnsafeRawBufferPointer) -> (port: Int, isLoopback: Bool) {
        let family = unsafe address.loadUnaligned(as: sa_family_t.self)
        let port = unsafe Int(address[2]) << 8 | Int(address[3])
        if family == sa_family_t(AF_INET) { return (port, unsafe address[4] == 127) }
        let host = unsafe [UInt8](address[8..<24])
        let isMapped = host.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]) && host[12] == 127
        return (port, isMapped || host == [UInt8](repeating: 0, count: 15) + [1])
    }

    private static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
