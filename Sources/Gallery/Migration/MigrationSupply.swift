import GalleryModel
import Glibc
import TemplateStore

/// The references of a gallery that have no new template yet, in ascending number.
///
/// Each batch is read in a transaction of its own, so that a long job keeps no pages of the store from being used
/// again. What is enrolled meanwhile comes at the end.
struct MigrationSupply {
    private let store: TemplateStore
    private let made: MadeTemplates?
    private let skipped: Set<ReferenceID>
    private var after: ReferenceID = 0
    private var batch: [MigrationItem] = []
    private var isOver = false
    /// References that were looked at.
    private(set) var seen = 0
    /// References that were handed out.
    private(set) var given = 0

    init(_ store: TemplateStore, _ made: MadeTemplates?, skipping skipped: Set<ReferenceID>) {
        (self.store, self.made, self.skipped) = (store, made, skipped)
    }

    /// The next reference; nil at the end.
    mutating func next(batch size: Int) throws(GalleryError) -> MigrationItem? {
        while batch.isEmpty, !isOver {
            let (after, supply) = (after, self)
            let found = try wrap { () throws(StoreError) in
                try store.read { reader throws(StoreError) in
                    let found = try reader.referencesToMake(after: after, limit: size)
                    var items: [MigrationItem] = []
                    for one in found where supply.isWanted(one) {
                        items.append(
                            MigrationItem(
                                one, subject: try reader.subjectName(one.reference.subject) ?? "",
                                template: try reader.vector(of: one.reference.id) ?? []))
                    }
                    return (count: found.count, last: found.last?.reference.id, items: items)
                }
            }
            seen += found.count
            isOver = found.count < size
            self.after = found.last ?? after
            // Last first, as they are taken from the end.
            batch = found.items.reversed()
        }
        guard let item = batch.popLast() else { return nil }
        given += 1
        return item
    }

    /// How many there are.
    func count() throws(GalleryError) -> Int {
        let size = 4_096
        var count = 0
        var last: ReferenceID = 0
        while true {
            let found = try wrap { () throws(StoreError) in
                try store.read { reader throws(StoreError) in
                    try reader.referencesToMake(after: last, limit: size)
                }
            }
            count += found.count(where: isWanted)
            guard found.count == size, let end = found.last else { return count }
            last = end.reference.id
        }
    }

    private func isWanted(_ one: ReferenceToMake) -> Bool {
        let id = one.reference.id
        return !skipped.contains(id) && made?.has(id, oldChecksum: one.checksum) != true
    }
}

extension MigrationItem {
    /// The reference, if there is nothing in the place of its photo, and no chip of it is kept.
    var gone: MissingReference? {
        var status = stat()
        guard !hasChip, unsafe stat(source, &status) != 0, [ENOENT, ENOTDIR].contains(errno) else { return nil }
        return missing(.noPhoto, "\(source): no such file")
    }
}
