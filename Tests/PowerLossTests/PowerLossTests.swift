import Foundation
import Glibc
import Gallery
import PowerLossSteps
import Synchronization
import TestSupport
import Testing

@testable import TemplateStore

/// What was acknowledged survives a loss of power at any moment, whatever of the unsynced bytes and names is left.
///
/// A job runs once under a recorder. Then the disk is replayed up to each moment, with nothing, everything, or some of
/// what was not synced, and the gallery that is found is opened, compared and checked.
@Suite("A loss of power")
struct PowerLossTests {
    private static let chances: [Disk.Luck] = [
        Disk.Luck(bytes: 0.5, names: 0.5), Disk.Luck(bytes: 0.5, names: 0.5, sector: 4096),
        Disk.Luck(bytes: 0, names: 1), Disk.Luck(bytes: 0, names: 1, keepsSizes: true),
        Disk.Luck(bytes: 1, names: 0), Disk.Luck(bytes: 0.9, names: 0.5, keepsSizes: true),
        Disk.Luck(bytes: 0.1, names: 0.9, sector: 4096),
    ]

    @Test(
        "at any moment leaves every acknowledged change, and a gallery that is sound",
        arguments: [("small", 13, 7.0), ("large", 61, 3.0)])
    func anyMoment(name: String, stride: Int, seconds: Double) throws {
        let folder = try TemporaryFolder()
        let job = try #require(StorageJob.all[name])
        let recording = try DiskRecording(of: name, in: folder)
        let isTold = recording.events.contains { if case .tell = $0 { true } else { false } }
        #expect(isTold && recording.events.count > 100, "the recorder has seen nothing")
        let (tried, faults) = Self.replay(recording, of: job, every: stride, for: seconds)
        for fault in faults.prefix(10) { Issue.record("\(fault)") }
        #expect(tried > 0)
        print("loss of power, \(name) job: \(recording.events.count) events, \(tried) states of the disk tried")
    }

    @Test("of a program that syncs nothing loses what was acknowledged, and this suite sees it")
    func withoutSyncs() throws {
        let recording = try DiskRecording(of: "small", in: TemporaryFolder()).withoutSyncs
        #expect(!Self.replay(recording, of: .small, every: 13, for: 1).faults.isEmpty)
    }

    /// Tries states of the disk for so many seconds; returns how many, and what was wrong.
    private static func replay(
        _ recording: DiskRecording, of job: StorageJob, every stride: Int, for seconds: Double
    ) -> (tried: Int, faults: [String]) {
        let end = ContinuousClock.now + .seconds(seconds)
        var generator = SeededGenerator(seed: 29)
        var seen: Set<Int> = []
        var (tried, rounds) = (0, 0)
        var faults: [String] = []
        // Other moments in each round, in every second one with nothing and with everything of what was not synced.
        while ContinuousClock.now < end {
            let lucks =
                rounds.isMultiple(of: 2)
                ? [Disk.Luck.none, .all] : [chances[rounds / 2 % chances.count]]
            var replay = Replay(recording, lucks, every: stride, from: 5 * rounds)
            while ContinuousClock.now < end {
                let states = replay.next(16, &generator, &seen)
                if states.isEmpty { break }
                faults += Self.faults(of: states, of: job)
                tried += states.count
            }
            rounds += 1
        }
        return (tried, faults)
    }

    /// What is wrong with states, which are examined on two threads.
    private static func faults(of states: [FoundDisk], of job: StorageJob) -> [String] {
        // In memory, if possible: nothing is to be learnt from the syncs of this process.
        let memory = "/dev/shm"
        let above =
            unsafe access(memory, W_OK) == 0 ? memory : FileManager.default.temporaryDirectory.path
        let found = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { half in
            for number in stride(from: half, to: states.count, by: 2) {
                // Never the same place twice: what a gallery still does in the background is done in its own.
                let place = "\(above)/facegallery-test-\(UUID().uuidString)"
                let fault = fault(of: states[number], of: job, at: place)
                try? FileManager.default.removeItem(atPath: place)
                if let fault { found.withLock { $0.append("\(states[number].moment): \(fault)") } }
            }
        }
        return found.withLock { $0 }
    }

    /// What is wrong with a disk as it was found; nil where nothing is.
    private static func fault(of disk: FoundDisk, of job: StorageJob, at place: String) -> String? {
        do {
            try disk.write(to: place)
            let path = place + "/g"
            guard let gallery = try gallery(at: path) else {
                guard disk.told == 0 else { return "the gallery is gone" }
                // What a creation has left is no obstacle to the next.
                try FaceGallery.create(at: path, dimension: StorageJob.dimension)
                return nil
            }
            var found: [ExpectedReference] = []
            try gallery.forEachReference { reference, subject, template in
                found.append(
                    ExpectedReference(
                        id: reference.id, subject: subject, source: reference.source, template: template))
            }
            // What was being done may have been finished.
            let done = max(0, disk.told - 1)
            let possible = job.expected[done...min(done + 1, job.expected.count - 1)]
            guard possible.contains(where: { Self.isSame($0, found) }) else {
                return "after \(disk.told) lines the gallery holds \(found.count) references, not "
                    + possible.map { "\($0.count)" }.joined(separator: " or ")
            }
            let report = try gallery.check()
            if !report.problems.isEmpty { return "check: \(report.problems.joined(separator: "; "))" }
            // A large gallery would be trained for a search, if its index was lost.
            return found.count < 5_000 ? try faultOfUse(gallery, found) : nil
        } catch {
            return "\(error)"
        }
    }

    /// Whether a gallery holds what it should; it has brought the templates to length 1, which rounds them.
    private static func isSame(_ expected: [ExpectedReference], _ found: [ExpectedReference]) -> Bool {
        expected.count == found.count
            && zip(expected, found).allSatisfy { one, other in
                (one.id, one.subject, one.source) == (other.id, other.subject, other.source)
                    && zip(one.template, other.template).allSatisfy { abs($0 - $1) < 1e-6 }
            }
    }

    /// The gallery at a path; nil where there is none.
    private static func gallery(at path: String) throws(GalleryError) -> FaceGallery? {
        do throws(GalleryError) { return try FaceGallery(at: path) } catch {
            if case .store(.notAGallery) = error { return nil }
            throw error
        }
    }

    /// What goes wrong when enrolled templates are searched and one more reference is enrolled; nil if nothing does.
    private static func faultOfUse(_ gallery: FaceGallery, _ held: [ExpectedReference]) throws -> String? {
        for reference in [held.first, held.last].compactMap(\.self) {
            let answer = try gallery.identify(reference.template)
            if answer.candidates.first?.subject != reference.subject {
                return "a search for \(reference.subject) found \(answer.candidates.first?.subject ?? "nobody")"
            }
        }
        var generator = SeededGenerator(seed: 97)
        let template = generator.unitVector(StorageJob.dimension)
        _ = try gallery.enroll([NewReference(subject: "new", source: "", template: template)])
        let answer = try gallery.identify(template)
        return answer.candidates.first?.subject == "new" ? nil : "a further reference was not found"
    }
}

/// A disk as it is found after a loss of power.
struct FoundDisk: Sendable {
    /// For messages.
    let moment: String
    /// Lines that the user had been told.
    let told: Int
    /// Bytes of each file by its path; folders end with a slash.
    let content: [String: [UInt8]]

    /// Lays the files out in a folder.
    ///
    /// The note of who wrote the data file last names that file by number and time, which are others here; it is made
    /// to fit, as it would after a real loss of power.
    func write(to place: String) throws {
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        for (path, bytes) in content.sorted(by: { $0.key < $1.key }) {
            if path.hasSuffix("/") {
                try FileManager.default.createDirectory(
                    atPath: "\(place)/\(path)", withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            } else {
                try Data(bytes).write(to: URL(fileURLWithPath: "\(place)/\(path)"))
                _ = unsafe chmod("\(place)/\(path)", 0o600)
            }
        }
        let note = "\(place)/g/\(LastWriter.fileName)"
        var status = stat()
        guard let machine = Machine.key, let bytes = content["g/\(LastWriter.fileName)"],
            var writer = LastWriter(bytes, machine: machine), unsafe stat("\(place)/g/data.mdb", &status) == 0
        else { return }
        writer.inode = UInt64(status.st_ino)
        writer.seal?.seconds = Int64(status.st_mtim.tv_sec)
        writer.seal?.nanoseconds = Int64(status.st_mtim.tv_nsec)
        try Data(writer.encoded(machine: machine)).write(to: URL(fileURLWithPath: note))
        _ = unsafe chmod(note, 0o600)
    }
}

/// Goes through a recording, and gives the disks that losses of power leave on the way.
private struct Replay {
    private let recording: DiskRecording
    private let lucks: [Disk.Luck]
    private let stride: Int
    private var disk: Disk
    private var place = 0
    private var told = 0
    private let phase: Int

    init(_ recording: DiskRecording, _ lucks: [Disk.Luck], every stride: Int, from phase: Int) {
        (self.recording, self.lucks, self.stride, self.phase) = (recording, lucks, stride, phase)
        disk = Disk(root: recording.root)
    }

    /// The next disks that differ from all seen before; none at the end.
    mutating func next(
        _ count: Int, _ generator: inout SeededGenerator, _ seen: inout Set<Int>
    ) -> [FoundDisk] {
        var found: [FoundDisk] = []
        while found.count < count, place < recording.events.count {
            let event = recording.events[place]
            disk.take(event)
            if case .tell(let line) = event { told += line.utf8.count { $0 == 0x0A } }
            place += 1
            guard (place + phase).isMultiple(of: stride) || place == recording.events.count else { continue }
            for luck in lucks {
                let content = disk.afterPowerLoss(luck, &generator)
                var hasher = Hasher()
                hasher.combine(told)
                hasher.combine(content)
                guard seen.insert(hasher.finalize()).inserted else { continue }
                found.append(
                    FoundDisk(
                        moment: "after event \(place), \(told) lines told, \(luck)", told: told,
                        content: content))
            }
        }
        return found
    }
}
