package import GalleryModel

/// A reference whose template is to be made again.
package struct ReferenceToMake: Sendable {
    /// The reference.
    package let reference: Reference
    /// The checksum of the template it has.
    package let checksum: UInt32
}

extension StoreReading where Self: ~Copyable {
    /// References above `after`, ascending, at most `limit` of them.
    ///
    /// O(log references + limit).
    package func referencesToMake(
        after id: ReferenceID, limit: Int
    ) throws(StoreError) -> [ReferenceToMake] {
        var found: [ReferenceToMake] = []
        let cursor = try Cursor(transaction, .references)
        var entry = try unsafe cursor.seek(.number(UInt64(max(0, id)) + 1))
        while found.count < limit, let (key, value) = unsafe entry {
            found.append(try unsafe ReferenceToMake(key, value, path: transaction.path))
            unsafe entry = try unsafe cursor.next()
        }
        return found
    }

    /// The checksum of a reference's template, as its record holds it; nil if there is no such reference.
    package func templateChecksum(of id: ReferenceID) throws(StoreError) -> UInt32? {
        try transaction.referenceRecord(id)?.vectorChecksum
    }
}

extension ReferenceToMake {
    init(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, path: String
    ) throws(StoreError) {
        let id = unsafe key.count == 8 ? Int64(bitPattern: key.number(0, as: UInt64.self)) : 0
        guard id > 0, let record = unsafe ReferenceRecord(id: id, value) else {
            throw .damaged(
                path: path,
                reason: "the record of reference \(id) fails its checksum; remove that reference first")
        }
        (reference, checksum) = (record.reference, record.vectorChecksum)
    }
}

/// How the templates of a gallery are exchanged for those of another network.
package struct TemplateExchange {
    /// The new templates, and the network.
    let made: MadeTemplates
    /// Whether a reference without a new template leaves with the exchange.
    let isDropped: (ReferenceID) -> Bool
    /// Is given the references that have no new template and do not leave, while nobody else can open the gallery:
    /// makes them, or throws.
    let complete: ([ReferenceToMake]) throws(StoreError) -> Void
    /// Called when the new data file is complete, just before it takes its place.
    let beforehand: () throws(StoreError) -> Void
    /// Called just after that, before anybody else can open the gallery.
    let afterwards: () -> Void

    /// Collects the parts.
    package init(
        made: MadeTemplates, isDropped: @escaping (ReferenceID) -> Bool,
        complete: @escaping ([ReferenceToMake]) throws(StoreError) -> Void,
        beforehand: @escaping () throws(StoreError) -> Void, afterwards: @escaping () -> Void
    ) {
        (self.made, self.isDropped, self.complete) = (made, isDropped, complete)
        (self.beforehand, self.afterwards) = (beforehand, afterwards)
    }
}

extension TemplateStore {
    /// Puts the templates of another network in the place of a gallery's own, and records that network, in one step.
    ///
    /// As `compact`, whose rules about other users hold: records are written to a file aside, with the new templates
    /// in the place of the old, and that file takes the place of `data.mdb`. So a process sees the gallery as it was
    /// or as it is then, one that is killed leaves one or the other, and no byte of an old template stays. References
    /// that are dropped count as removed. What a follower saved is not believed any more. O(gallery).
    /// - Parameter shouldStop: asked while others are waited for.
    /// - Throws: as `compact`; `cancelled` where `shouldStop` says so; what the parts of `exchange` throw.
    package static func exchangeTemplates(
        at path: String, _ exchange: TemplateExchange, patience: Duration, onWait: () -> Void,
        shouldStop: () -> Bool
    ) throws(StoreError) -> CompactionReport {
        try rewrite(at: path, .exchanging(exchange), patience: patience, onWait: onWait, shouldStop: shouldStop)
    }
}
