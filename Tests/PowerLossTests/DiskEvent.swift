import Foundation
import TestSupport
import Testing

/// Something that a program asked of the disk, as `Fixtures/recorder.c` has recorded it.
enum DiskEvent {
    typealias Inode = UInt64

    case make(folder: Inode, name: String, inode: Inode, isFolder: Bool)
    /// Durable where the file was opened so that each write is.
    case write(inode: Inode, offset: Int, bytes: [UInt8], isDurable: Bool)
    case resize(inode: Inode, size: Int)
    case sync(inode: Inode)
    case rename(folder: Inode, name: String, toFolder: Inode, toName: String, inode: Inode)
    case remove(folder: Inode, name: String)
    /// What the user was told.
    case tell(String)
}

/// The events of a job, in order.
struct DiskRecording {
    let events: [DiskEvent]
    /// The folder in which the gallery is made.
    let root: DiskEvent.Inode

    private init(_ events: [DiskEvent], root: DiskEvent.Inode) { (self.events, self.root) = (events, root) }

    /// The same by a program that syncs nothing.
    var withoutSyncs: DiskRecording {
        DiskRecording(
            events.compactMap { event in
                switch event {
                case .sync: nil
                case .write(let inode, let offset, let bytes, true):
                    .write(inode: inode, offset: offset, bytes: bytes, isDurable: false)
                default: event
                }
            }, root: root)
    }

    /// Runs a job in a new gallery `g` of a folder, and records it.
    init(of job: String, in folder: TemporaryFolder) throws {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/recorder.c").path
        let library = folder.file("recorder.so")
        let built = try TestedProgram(path: "/usr/bin/env").run(
            ["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], in: folder)
        try #require(built.exitCode == 0, "\(built.err)")
        try FileManager.default.createDirectory(
            atPath: folder.file("root"), withIntermediateDirectories: false)
        let log = folder.file("\(job).log")
        var environment = ProcessInfo.processInfo.environment
        environment["LD_PRELOAD"] = library
        environment["POWER_LOG"] = log
        let result = try TestedProgram(named: "power-loss-job").run(
            [job, folder.file("root/g")], in: folder, environment: environment)
        try #require(result.exitCode == 0, "\(result.err)")
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("root"))
        root = try #require(attributes[.systemFileNumber] as? UInt64)
        var bytes = RecordedBytes(rest: try [UInt8](Data(contentsOf: URL(fileURLWithPath: log)))[...])
        var events: [DiskEvent] = []
        while let event = bytes.event() { events.append(event) }
        try #require(bytes.rest.isEmpty)
        self.events = events
    }
}

/// Takes events from the front of a record.
private struct RecordedBytes {
    var rest: ArraySlice<UInt8>

    private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func number(_ size: Int) -> UInt64 {
        take(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func text(_ count: UInt64) -> String { String(decoding: take(Int(count)), as: UTF8.self) }

    mutating func event() -> DiskEvent? {
        guard !rest.isEmpty else { return nil }
        let (kind, flag) = (number(4), number(4))
        let (inode, folder, otherFolder, offset) = (number(8), number(8), number(8), number(8))
        let (nameSize, otherNameSize, size) = (number(4), number(4), number(8))
        let (name, otherName) = (text(nameSize), text(otherNameSize))
        let bytes = take(Int(size))
        switch kind {
        case 1: return .make(folder: folder, name: name, inode: inode, isFolder: flag == 1)
        case 2: return .write(inode: inode, offset: Int(offset), bytes: Array(bytes), isDurable: flag == 1)
        case 3: return .resize(inode: inode, size: Int(offset))
        case 4: return .sync(inode: inode)
        case 5:
            return .rename(
                folder: folder, name: name, toFolder: otherFolder, toName: otherName, inode: inode)
        case 6: return .remove(folder: folder, name: name)
        case 7: return .tell(String(decoding: bytes, as: UTF8.self))
        default: return nil
        }
    }
}
