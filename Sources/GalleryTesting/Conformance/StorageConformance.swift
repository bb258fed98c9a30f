public import GalleryModel

/// Checks that a storage keeps what `GalleryStorage` promises.
///
/// Each promise is checked on an empty storage of its own. With Swift Testing:
///
/// ```swift
/// @Test(arguments: StorageConformance.promises)
/// func keeps(_ promise: StorageConformance.Promise) throws {
///     try promise.check { settings in try MyStorage(settings) }
/// }
/// ```
public enum StorageConformance {
    /// Makes an empty storage of these settings, which is used by one promise alone.
    public typealias Maker = (StoreSettings) throws -> any GalleryStorage

    /// One promise of the protocols.
    public struct Promise: Sendable, CustomStringConvertible {
        /// What is promised, a sentence without a full stop.
        public let description: String
        private let trial: @Sendable (StorageTrial) throws -> Void

        init(_ description: String, _ trial: @escaping @Sendable (StorageTrial) throws -> Void) {
            (self.description, self.trial) = (description, trial)
        }

        /// Checks the promise on a storage.
        ///
        /// - Throws: `BrokenPromise` where it is not kept; what the storage throws where it should not.
        public func check(_ make: Maker) throws {
            let trial = StorageTrial(storage: try make(StorageTrial.settings))
            try self.trial(trial)
            guard trial.complaints.isEmpty else {
                throw BrokenPromise(promise: description, complaints: trial.complaints)
            }
        }
    }

    /// All promises.
    public static var promises: [Promise] {
        reading + changing + memory + bulk + searching + concurrency
    }
}

/// A storage does not keep a promise.
public struct BrokenPromise: Error, CustomStringConvertible {
    /// The promise.
    public let promise: String
    /// What was found instead, a line each.
    public let complaints: [String]

    /// The promise, and what was found instead.
    public var description: String {
        "broken: \(promise)\n" + complaints.map { "  - \($0)" }.joined(separator: "\n")
    }
}

/// One promise on trial: a storage, what is enrolled in it, and what was found wrong.
final class StorageTrial {
    static let dimension = 16
    static let settings = StoreSettings(
        dimension: dimension, networkName: "conformance", networkFingerprint: "0123456789abcdef")

    let storage: any GalleryStorage
    private(set) var complaints: [String] = []

    init(storage: any GalleryStorage) { self.storage = storage }

    /// Notes what is not as promised.
    func expect(_ isKept: Bool, _ complaint: @autoclosure () -> String) {
        if !isKept { complaints.append(complaint()) }
    }

    /// Notes where two values differ that should be the same.
    func expect<Value: Equatable>(_ found: Value, is expected: Value, _ what: String) {
        if found != expected { complaints.append("\(what): \(found) instead of \(expected)") }
    }

    /// Notes where a call does not throw an error of a kind.
    func expectError(
        _ what: String, _ call: () throws -> Void, _ isExpected: (StoreError) -> Bool
    ) {
        do {
            try call()
            complaints.append("\(what): nothing was thrown")
        } catch let error as StoreError {
            if !isExpected(error) { complaints.append("\(what): it threw \(error)") }
        } catch {
            complaints.append("\(what): it threw \(type(of: error)), no StoreError: \(error)")
        }
    }

    /// A template of length 1, another for each number; the same number gives the same bits everywhere.
    static func template(_ number: Int) -> [Float] {
        var state = UInt64(bitPattern: Int64(number)) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        var numbers = (0..<dimension).map { _ -> Float in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Float(state >> 40) / Float(1 << 24) - 0.5
        }
        try? UnitVector.normalise(&numbers)
        return numbers
    }

    /// A reference that differs from others by its number.
    static func reference(_ number: Int, of subject: String, hasDigest: Bool = true) -> NewReference {
        NewReference(
            subject: subject, source: "\(number).jpg",
            sourceDigest: hasDigest ? digest(number) : nil, template: template(number))
    }

    static func digest(_ number: Int) -> [UInt8] {
        (0..<32).map { UInt8(truncatingIfNeeded: (number &+ 1) &* ($0 + 7)) ^ UInt8($0) }
    }

    /// The hits of the one probe of a search.
    static func single(_ rows: [[ReferenceHit]]) throws(StoreError) -> [ReferenceHit] {
        guard let row = rows.first, rows.count == 1 else {
            throw .search(problem: "one probe got \(rows.count) lists of hits", kind: .badData)
        }
        return row
    }

    /// Enrols references.
    ///
    /// - Throws: `BrokenPromise` where one is not added.
    @discardableResult
    func enrol(_ references: [NewReference]) throws -> [ReferenceID] {
        let additions = try storage.change(adding: references.map { ReferenceAddition($0) }, updating: [])
            .additions
        var ids: [ReferenceID] = []
        for addition in additions {
            guard case .added(let id, _) = addition else {
                expect(false, "a new reference was \(addition), not added")
                continue
            }
            ids.append(id)
        }
        guard ids.count == references.count else {
            // Nothing that follows would say anything.
            throw BrokenPromise(promise: "\(references.count) references are added", complaints: complaints)
        }
        return ids
    }

    /// Names and counts of all subjects, as the storage walks them.
    func subjects() throws -> [String: Int] {
        var all: [String: Int] = [:]
        try storage.forEachSubject { all[$0.name] = $0.referenceCount }
        return all
    }

    func subject(_ name: String) throws(StoreError) -> Subject? {
        try storage.read { state throws(StoreError) in try state.subject(named: name) }
    }

    func reference(_ id: ReferenceID) throws(StoreError) -> Reference? {
        try storage.read { state throws(StoreError) in try state.reference(id) }
    }

    /// Ids of a subject's references; empty if there is no such subject.
    func references(of name: String) throws(StoreError) -> [ReferenceID] {
        try storage.read { state throws(StoreError) in
            guard let subject = try state.subject(named: name) else { return [] }
            return try state.references(of: subject.number).map(\.id)
        }
    }
}
