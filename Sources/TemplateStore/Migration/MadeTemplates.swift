package import Files
package import GalleryModel
internal import Synchronization

/// A template that another network has made of an enrolled reference.
package struct MadeTemplate: Sendable, Equatable {
    /// The reference.
    package let id: ReferenceID
    /// Checksum of the template that the reference has in the gallery, as its record holds it: the new one belongs to
    /// no other.
    package let oldChecksum: UInt32
    /// How good the photo was, as it was measured for the new template.
    package let quality: ReferenceQuality?
    /// The new template, of unit length.
    package let template: [Float]

    /// Collects the parts.
    package init(id: ReferenceID, oldChecksum: UInt32, quality: ReferenceQuality?, template: [Float]) {
        (self.id, self.oldChecksum, self.quality, self.template) = (id, oldChecksum, quality, template)
    }
}

/// The file in which templates of another network are gathered until they take the place of the gallery's own.
///
/// A plan, then records of one size that are only added. Each has a checksum: of a file that a killed process left, all
/// up to the first that fails it are good, and nothing is lost but work. Safe from any thread; one process writes.
/// Memory: about 60 bytes a template.
package final class MadeTemplates: Sendable {
    /// The file's name in its folder.
    package static let fileName = "templates"
    private static let fixedSize = 56
    private static let blockSize = 4 << 20

    private struct Place {
        var slot: Int
        var oldChecksum: UInt32
    }

    private struct State {
        var places: [ReferenceID: Place] = [:]
        var slots = 0
    }

    /// What the templates are made for.
    package let plan: MigrationPlan
    private let file: WorkingFile
    private let start: Int
    private let recordSize: Int
    private let state: Mutex<State>

    /// Begins a file in a folder that has none.
    package static func create(in folder: OpenFolder, _ plan: MigrationPlan) throws(FileError) {
        let file = try WorkingFile(fileName, in: folder, creating: true)
        try file.write(plan.encoded(), at: 0)
        try file.synchronise()
    }

    /// The plan of a folder's file, and how many templates it has by its size; nil if there is no such file.
    package static func look(in folder: OpenFolder) -> (plan: MigrationPlan, count: Int)? {
        guard let file = try? WorkingFile(fileName, in: folder),
            let head = try? file.read(at: 0, count: MigrationPlan.longest),
            let (plan, start) = MigrationPlan.decode(head), let size = try? file.status().size
        else { return nil }
        return (plan, max(0, size - start) / recordSize(plan))
    }

    private static func recordSize(_ plan: MigrationPlan) -> Int { fixedSize + 4 * plan.settings.dimension }

    /// Opens the file of a folder, reads all records, and cuts off what is damaged; nil if there is no such file.
    ///
    /// O(file).
    package init?(in folder: OpenFolder) throws(FileError) {
        let opened: WorkingFile
        do throws(FileError) { opened = try WorkingFile(Self.fileName, in: folder) } catch .missing {
            return nil
        }
        guard let (plan, start) = MigrationPlan.decode(try opened.read(at: 0, count: MigrationPlan.longest))
        else { return nil }
        let size = Self.recordSize(plan)
        var found = State()
        let most = max(1, Self.blockSize / size)
        reading: while true {
            let block = try opened.read(at: start + found.slots * size, count: most * size)
            for place in stride(from: 0, to: block.count, by: size) {
                guard place + size <= block.count, let head = Self.head(block[place..<place + size]) else {
                    break reading
                }
                found.places[head.id] = Place(slot: found.slots, oldChecksum: head.oldChecksum)
                found.slots += 1
            }
            if block.count < most * size { break }
        }
        try opened.truncate(to: start + found.slots * size)
        (self.plan, file, self.start, recordSize) = (plan, opened, start, size)
        state = Mutex(found)
    }

    private static func head(_ record: ArraySlice<UInt8>) -> (id: ReferenceID, oldChecksum: UInt32)? {
        unsafe record.withUnsafeBytes { bytes in
            let id = unsafe bytes.number(8, as: UInt64.self)
            guard 1...UInt64(Format.highestNumber) ~= id, unsafe bytes.isSealed(key: id) else { return nil }
            return unsafe (Int64(id), bytes.number(4, as: UInt32.self))
        }
    }

    /// Templates in the file, those of references that were removed since too.
    package var count: Int { state.withLock { $0.places.count } }

    /// Whether the new template of a reference is there; its own template must be the one with this checksum.
    package func has(_ id: ReferenceID, oldChecksum: UInt32) -> Bool {
        state.withLock { $0.places[id]?.oldChecksum == oldChecksum }
    }

    /// Adds templates, of the plan's dimension; one that is there already is replaced.
    ///
    /// - Throws: `.system`, with nothing added.
    package func add(_ made: [MadeTemplate]) throws(FileError) {
        guard !made.isEmpty else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(made.count * recordSize)
        for one in made {
            precondition(one.template.count == plan.settings.dimension, "a template of another network")
            bytes += Self.encode(one)
        }
        let failure = state.withLock { state -> FileError? in
            do throws(FileError) { try file.write(bytes, at: start + state.slots * recordSize) } catch {
                return error
            }
            for one in made {
                state.places[one.id] = Place(slot: state.slots, oldChecksum: one.oldChecksum)
                state.slots += 1
            }
            return nil
        }
        if let failure { throw failure }
    }

    /// The new template of a reference; nil if there is none, or where it can no longer be read.
    package func template(of id: ReferenceID) throws(FileError) -> MadeTemplate? {
        guard let slot = state.withLock({ $0.places[id]?.slot }) else { return nil }
        let record = try file.read(at: start + slot * recordSize, count: recordSize)
        guard record.count == recordSize, let head = Self.head(record[...]), head.id == id else { return nil }
        return unsafe record.withUnsafeBytes { bytes in
            let hasQuality = unsafe bytes.number(16, as: UInt32.self) == 1
            let quality = unsafe ReferenceQuality(
                faceSize: Int(bytes.number(20, as: Int32.self)), sharpness: bytes.double(24),
                yaw: bytes.double(32), roll: bytes.double(40), score: bytes.double(48))
            let template = (0..<plan.settings.dimension).map { place in
                unsafe Float(bitPattern: bytes.number(Self.fixedSize + 4 * place, as: UInt32.self))
            }
            return MadeTemplate(
                id: id, oldChecksum: head.oldChecksum, quality: hasQuality ? quality : nil, template: template)
        }
    }

    /// Makes what was added durable.
    package func synchronise() throws(FileError) { try file.synchronise() }

    /// Replaces the file by one that holds the templates of some references only, so that no byte of the others stays.
    ///
    /// This object is of no use afterwards.
    package func keep(
        in folder: OpenFolder, _ isKept: (ReferenceID, _ oldChecksum: UInt32) -> Bool
    ) throws(FileError) {
        let copy = try ScratchFile(replacing: Self.fileName, in: folder)
        let head = plan.encoded()
        try copy.write(head, at: 0)
        var end = head.count
        let places = state.withLock { $0.places }
        for (id, place) in places where isKept(id, place.oldChecksum) {
            guard let one = try template(of: id) else { continue }
            let record = Self.encode(one)
            try copy.write(record, at: end)
            end += record.count
        }
        try copy.publish()
    }

    private static func encode(_ one: MadeTemplate) -> [UInt8] {
        var record = RecordBytes()
        record.append(UInt32(0))
        record.append(one.oldChecksum)
        record.append(UInt64(bitPattern: one.id))
        record.append(UInt32(one.quality == nil ? 0 : 1))
        record.append(Int32(clamping: one.quality?.faceSize ?? 0))
        for number in [one.quality?.sharpness, one.quality?.yaw, one.quality?.roll, one.quality?.score] {
            record.append(number ?? 0)
        }
        for number in one.template { record.append(number.bitPattern) }
        record.seal(key: UInt64(bitPattern: one.id))
        return record.bytes
    }
}
