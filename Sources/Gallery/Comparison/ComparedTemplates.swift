import Concurrency
package import GalleryModel
package import VectorIndex

/// All references of one state of a storage, as comparisons of everybody with everybody read them.
package struct ComparedTemplates {
    package let ids: [ReferenceID]
    package let vectors: LentVectors
    /// The subject of each row, numbered from 0 in the order of their first references.
    package let groups: [UInt32]
    /// Reads the reference of a row, with its subject's name.
    package let reference: (Int) throws(StoreError) -> (subject: String, reference: Reference)

    /// Compares everybody with everybody, until `cancellation` is due.
    ///
    /// - Throws: `cancelled` or `late` as it says, and what `PairScan` throws.
    func scan(_ request: PairScan.Request, until cancellation: Cancellation?) throws {
        var request = request
        request.goesOn = { cancellation?.isDue != true }
        do { try PairScan(vectors, groups: groups).run(request) } catch {
            try cancellation?.check("the comparison")
            throw error
        }
    }
}

/// A storage that lends its templates where they lie.
protocol TemplateLending {
    /// Runs `body` on all references of one state.
    func withTemplates<Result>(_ body: (ComparedTemplates) throws -> Result) throws(StoreError) -> Result
}

extension FaceGallery {
    /// Runs `body` on all references of one state of any storage: lent, or else copied.
    package func withTemplates<Result>(
        _ body: (ComparedTemplates) throws -> Result
    ) throws(GalleryError) -> Result {
        try wrap { () throws(StoreError) in
            if let lender = storage as? any TemplateLending { return try lender.withTemplates(body) }
            return try CopiedTemplates.all(of: storage).lend(body)
        }
    }
}

/// All references of one state of a storage that cannot lend them.
///
/// Memory: a template, a reference without its metadata and its subject's number for each.
private struct CopiedTemplates {
    private var templates: [Float] = []
    private var references: [Reference] = []
    private var groups: [UInt32] = []
    private var names: [String] = []
    private let dimension: Int

    private init(dimension: Int) { self.dimension = dimension }

    static func all(of storage: any GalleryDirectory) throws(StoreError) -> CopiedTemplates {
        var copy = CopiedTemplates(dimension: storage.settings.dimension)
        var numbers: [SubjectNumber: UInt32] = [:]
        try inStorage {
            try storage.forEachReference {
                copy.templates.reserveCapacity($0 * copy.dimension)
                copy.references.reserveCapacity($0)
            } _: { reference, name, template in
                do throws(VectorProblem) {
                    try UnitVector.check(template.span, dimension: copy.dimension)
                } catch {
                    throw StoreError.badVector(item: copy.references.count, reason: error)
                }
                copy.templates += template
                var reference = reference
                reference.metadata = [:]
                copy.references.append(reference)
                let next = UInt32(copy.names.count)
                let group = numbers[reference.subject] ?? next
                if group == next {
                    numbers[reference.subject] = next
                    copy.names.append(name)
                }
                copy.groups.append(group)
            }
        }
        return copy
    }

    func lend<Result>(_ body: (ComparedTemplates) throws -> Result) throws(StoreError) -> Result {
        try inStorage {
            try unsafe templates.withUnsafeBufferPointer { buffer in
                let pointers = unsafe references.indices.compactMap { row in
                    unsafe buffer.baseAddress.map { unsafe $0 + row * dimension }
                }
                return try body(
                    ComparedTemplates(
                        ids: references.map(\.id),
                        vectors: unsafe LentVectors(pointers, dimension: dimension), groups: groups
                    ) { row in (names[Int(groups[row])], references[row]) })
            }
        }
    }
}
