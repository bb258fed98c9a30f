import ArgumentParsing
import FaceImage
import Gallery
import Glibc
import HTTPServer
import Service
import Synchronization

let serve = Verb(
    specification: CommandSpecification(
        "serve", abstract: "Serve a gallery, or a folder of galleries, by HTTP.",
        discussion: """
            Programs then identify, enrol and verify by HTTP and JSON; /openapi.json describes every call, and
            docs/service.md explains them. Without keys (facegallery keys create) only this machine can connect. The
            server ends on SIGTERM or Ctrl-C after it has answered what has come; SIGHUP has it read the keys again.
            """,
        options: [
            Shared.gallery,
            OptionSpecification(
                "--galleries", value: "DIR",
                help: "Serve every gallery in this folder, by the name of its own folder."),
            OptionSpecification(
                "--listen", value: "HOST:PORT", completion: .nothing,
                help: "Address to listen on (default: 127.0.0.1:8080); port 0 for any that is free."),
            OptionSpecification(
                "--access-log", value: "FILE",
                help: "Add a line of JSON per request to this file; - for standard output (default: none)."),
            OptionSpecification(
                "--max-body-bytes", value: "N", help: "Largest body of a request, in bytes (default: 33554432)."
            ),
            OptionSpecification(
                "--max-faces", value: "N", help: "Most faces that a photo may show (default: 256)."),
            Shared.maxPixels, Shared.maxSeconds, Shared.detector, Shared.anyRotation,
            OptionSpecification(
                "--jobs", value: "N", help: "How many requests to work on at once (default: one per core)."),
            OptionSpecification(
                "--queue", value: "N",
                help: "How many requests may wait before others are refused (default: 256)."),
            OptionSpecification("--connections", value: "N", help: "Most connections at once (default: 1024)."),
            OptionSpecification(
                "--connections-per-address", value: "N",
                help: "Most connections at once from one address (default: 256)."),
            OptionSpecification(
                "--head-seconds", value: "S", help: "Time in which a request's head must come (default: 10)."),
            OptionSpecification(
                "--body-seconds", value: "S",
                help: "Time for a body or an answer, and one second more for each 64 KiB of it (default: 30)."),
            OptionSpecification(
                "--idle-seconds", value: "S", help: "Time for which a connection may wait unused (default: 60)."
            ),
            OptionSpecification(
                "--search-seconds", value: "S", help: "Time that a search may take (default: 30)."),
            OptionSpecification(
                "--drain-seconds", value: "S",
                help: "Time in which requests must end when the server is told to end (default: 30)."),
            Shared.cache,
        ],
        example: "facegallery serve -g faces --listen 127.0.0.1:8080"),
    run: { arguments, console in
        let settings = try ServiceSettings(arguments)
        let address = arguments.value("--listen") ?? "127.0.0.1:8080"
        let drainSeconds = try arguments.real("--drain-seconds", in: 0...86_400) ?? 30
        let logFile = try arguments.value("--access-log").map(LogDestination.init)
        DescriptorLimit.raise()
        let service = try GalleryService(
            settings, log: logFile.map { try AccessLog(descriptor: $0.descriptor) })
        StopRequest.watch(outlivesReaders: true)
        ReloadRequest.watch()
        let port = try service.start(on: address)
        let host = address[..<(address.lastIndex(of: ":") ?? address.endIndex)]
        console.note(
            "listening on http://\(host):\(port)\(service.hasKeys ? "" : " (without keys: this machine only)")")
        while !StopRequest.isAsked {
            if ReloadRequest.take() { service.refresh() }
            usleep(50_000)
        }
        console.note("ending: requests that have come are answered")
        if !service.drain(within: drainSeconds) {
            console.note("some requests were not answered within \(short(drainSeconds)) seconds")
            StopRequest.leaveThreads()
        }
        return .done
    })

extension ServiceSettings {
    fileprivate init(_ arguments: ParsedArguments) throws(UsageError) {
        if let folder = arguments.value("--galleries") {
            guard arguments.value("--gallery") == nil else {
                throw UsageError("use -g or --galleries, not both", command: "serve")
            }
            self.init(.folder(folder))
        } else {
            self.init(.gallery(try arguments.galleryPath()))
        }
        let bytes = try arguments.integer("--max-body-bytes", in: 1...1 << 34) ?? bodyBytes
        bodyBytes = bytes
        decoding = DecodeLimits(
            bytes: bytes, pixels: try arguments.integer("--max-pixels", in: 1...1 << 34) ?? decoding.pixels,
            seconds: try arguments.real("--max-seconds", in: 0.001...1e6) ?? decoding.seconds)
        finding = try arguments.finding()
        faces = try arguments.integer("--max-faces", in: 1...100_000) ?? faces
        searchSeconds = try arguments.real("--search-seconds", in: 0.001...86_400) ?? searchSeconds
        http.engineThreads = try arguments.jobs()
        http.queue = try arguments.integer("--queue", in: 0...1_000_000) ?? http.queue
        http.connections = try arguments.integer("--connections", in: 8...1_000_000) ?? http.connections
        http.connectionsPerAddress =
            try arguments.integer("--connections-per-address", in: 1...1_000_000) ?? http.connectionsPerAddress
        http.headSeconds = try arguments.real("--head-seconds", in: 0.1...86_400) ?? http.headSeconds
        http.idleSeconds = try arguments.real("--idle-seconds", in: 0.1...86_400) ?? http.idleSeconds
        let seconds = try arguments.real("--body-seconds", in: 0.1...86_400) ?? http.bodySeconds
        (http.bodySeconds, http.sendSeconds) = (seconds, seconds)
        version = program.version
        // Bodies wait for their turn in memory: room for the largest on every thread, and for as many again.
        http.bodyBytes = max(http.bodyBytes, 2 * bytes * http.engineThreads)
    }
}

/// Where the access log goes.
private final class LogDestination: Sendable {
    let descriptor: Int32
    private let isOwned: Bool

    init(_ path: String) throws(CommandFailure) {
        isOwned = path != "-"
        descriptor =
            isOwned
            ? unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0o600)
            : STDOUT_FILENO
        guard descriptor >= 0 else {
            throw CommandFailure(
                "\(path): cannot write the access log: \(unsafe String(cString: strerror(errno)))", .cannotWrite
            )
        }
    }

    deinit { if isOwned { close(descriptor) } }
}

/// Whether the user asked, by SIGHUP, for what may have changed to be read again.
private enum ReloadRequest {
    private static let asked = Atomic(false)

    static func watch() {
        // A handler may not be what first builds a global.
        _ = asked.load(ordering: .relaxed)
        signal(SIGHUP) { _ in ReloadRequest.asked.store(true, ordering: .relaxed) }
    }

    static func take() -> Bool { asked.exchange(false, ordering: .relaxed) }
}

/// How many files and connections this process may have open.
private enum DescriptorLimit {
    /// Raises it as far as the system allows: the usual 1,024 are fewer than the connections of a server and its files.
    static func raise() {
        let resource = __rlimit_resource_t(7)  // RLIMIT_NOFILE
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 1 << 20)
        _ = unsafe setrlimit(resource, &limit)
    }
}
