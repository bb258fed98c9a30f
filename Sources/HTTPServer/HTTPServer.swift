import CMicrohttpd
import Concurrency
import Glibc
import Synchronization

/// A server of HTTP/1.1.
///
/// libmicrohttpd reads and writes on a few threads; the work is done on others, so a slow client holds up nobody. Safe
/// from any thread.
package final class HTTPServer: Sendable {
    /// How busy a server is.
    package struct Load: Sendable {
        /// Requests that have begun and are not over.
        package var inFlight: Int
        /// Requests that wait for a thread of the engine.
        package var waiting: Int
        /// Open connections.
        package var connections: Int
        /// Connections that were cut because they were too slow.
        package var cut: Int

        /// Collects the counts.
        package init(inFlight: Int = 0, waiting: Int = 0, connections: Int = 0, cut: Int = 0) {
            (self.inFlight, self.waiting, self.connections, self.cut) = (inFlight, waiting, connections, cut)
        }
    }

    private let core: ServerCore
    private let handle: ServerHandle
    /// The port that it listens on.
    package let port: Int

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - socket: where it listens; the server's from now on.
    ///   - settings: its limits.
    ///   - application: what it serves.
    /// - Throws: `cannotStart`.
    package init(
        _ socket: ListeningSocket, _ settings: HTTPSettings = HTTPSettings(),
        serving application: any HTTPApplication
    ) throws(HTTPServerError) {
        port = socket.port
        do {
            core = try ServerCore(application, settings)
        } catch {
            close(socket.descriptor)
            throw .cannotStart(reason: "\(error)")
        }
        do throws(HTTPServerError) {
            handle = try ServerHandle(socket.descriptor, settings, core)
        } catch {
            close(socket.descriptor)
            _ = core.close(within: 1)
            throw error
        }
    }

    /// How busy it is.
    package var load: Load {
        var load = handle.load ?? Load()
        load.waiting = core.engine.waiting
        return load
    }

    /// Takes no further requests, waits until those that have come are answered, and ends.
    ///
    /// Blocks.
    ///
    /// - Parameter seconds: to wait; what is not answered then is cut off.
    /// - Returns: whether all were answered.
    @discardableResult
    package func drain(within seconds: Double) -> Bool {
        core.isEnding.store(true, ordering: .releasing)
        handle.quiesce()
        let end = ContinuousClock.now + .seconds(seconds)
        while (handle.load?.inFlight ?? 0) > 0, ContinuousClock.now < end { usleep(5_000) }
        let isDone = (handle.load?.inFlight ?? 0) == 0
        handle.stop()
        return core.close(within: 1) && isDone
    }
}

/// What the callbacks of the bridge work with.
final class ServerCore: Sendable {
    let application: any HTTPApplication
    let engine: WorkQueue
    private let streams: WorkQueue
    let isEnding = Atomic(false)

    init(_ application: any HTTPApplication, _ settings: HTTPSettings) throws(ThreadError) {
        self.application = application
        engine = try WorkQueue(threads: settings.engineThreads, capacity: settings.queue)
        do throws(ThreadError) {
            streams = try WorkQueue(threads: settings.streams, capacity: settings.queue)
        } catch {
            _ = engine.close(within: 1)
            throw error
        }
    }

    /// The threads for some work; nil for work that is done at once.
    func queue(_ lane: HTTPWork.Lane) -> WorkQueue? {
        switch lane {
        case .immediate: nil
        case .engine: engine
        case .stream: streams
        }
    }

    func close(within seconds: Double) -> Bool {
        let isClosed = engine.close(within: seconds)
        return streams.close(within: seconds) && isClosed
    }
}

/// The one owner of the bridge's server.
@safe private final class ServerHandle: @unchecked Sendable {
    // Unchecked and safe: the pointer is read and taken under the lock; the bridge's calls are safe from any thread.
    private let server: Mutex<OpaquePointer?>
    /// What the callbacks are given, alive as long as they can be called.
    private let core: ServerCore

    init(_ socket: Int32, _ settings: HTTPSettings, _ core: ServerCore) throws(HTTPServerError) {
        self.core = core
        var bounds = cmhd_settings()
        bounds.socket = socket
        bounds.threads = UInt32(clamping: settings.threads)
        bounds.connections = UInt32(clamping: settings.connections)
        bounds.connections_per_address = UInt32(clamping: settings.connectionsPerAddress)
        (bounds.head_seconds, bounds.idle_seconds) = (settings.headSeconds, settings.idleSeconds)
        (bounds.body_seconds, bounds.send_seconds) = (settings.bodySeconds, settings.sendSeconds)
        bounds.bytes_per_second = max(1, settings.bytesPerSecond)
        bounds.body_bytes = max(0, settings.bodyBytes)
        var handlers = unsafe cmhd_handlers(
            context: Unmanaged.passUnretained(core).toOpaque(),
            begin: { context, exchange in
                unsafe PendingRequest.begin(
                    exchange, Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue())
            },
            complete: { context, exchange in
                unsafe PendingRequest.complete(
                    exchange, Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue())
            },
            ended: { context, note, sent in
                unsafe PendingRequest.ended(
                    note, isSent: sent != 0, Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue())
            })
        var message = [CChar](repeating: 0, count: 256)
        let capacity = message.count
        let made = unsafe cmhd_start(&bounds, &handlers, &message, capacity)
        guard let made = unsafe made else {
            throw .cannotStart(
                reason: String(
                    decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        unsafe server = Mutex(made)
    }

    deinit { stop() }

    var load: HTTPServer.Load? {
        unsafe server.withLock { server in
            guard let server = unsafe server else { return nil }
            return unsafe HTTPServer.Load(
                inFlight: cmhd_in_flight(server), waiting: 0, connections: cmhd_connections(server),
                cut: Int(clamping: cmhd_cut(server)))
        }
    }

    func quiesce() {
        unsafe server.withLock { server in if let server = unsafe server { unsafe cmhd_quiesce(server) } }
    }

    func stop() {
        let taken = unsafe server.withLock { server in
            let taken = unsafe server
            unsafe server = nil
            return unsafe taken
        }
        if let taken = unsafe taken { unsafe cmhd_stop(taken) }
    }
}
