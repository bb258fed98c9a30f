internal import CLMDB
internal import GalleryModel

extension StoreTransaction {
    /// Whether there is a chip under the number of a reference, damaged or not.
    func hasChip(_ id: ReferenceID) throws(StoreError) -> Bool {
        guard keepsChips else { return false }
        return try unsafe get(.chips, .number(UInt64(bitPattern: id))) != nil
    }

    var chipStatistics: ChipStatistics? {
        get throws(StoreError) {
            guard keepsChips else { return nil }
            try checkOpen()
            var stat = MDB_stat()
            try check(unsafe mdb_stat(raw, environment.handles[.chips], &stat), "reading")
            let pages = stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages
            return ChipStatistics(count: Int(stat.ms_entries), bytes: Int(pages) * Int(stat.ms_psize))
        }
    }
}

extension Verification {
    static func chips(_ transaction: StoreTransaction, _ report: inout StoreReport) throws(StoreError) {
        _ = try unsafe each(transaction, .chips, &report) { (entry, report) throws(StoreError) in
            let id = Int64(bitPattern: unsafe entry.key.number(0, as: UInt64.self))
            guard let bytes = try unsafe transaction.get(.references, .number(UInt64(bitPattern: id))) else {
                report.note("chip \(id) has no reference")
                return
            }
            if let record = unsafe ReferenceRecord(id: id, bytes), !record.reference.hasChip {
                report.note("reference \(id) has a chip that its record does not know of")
            }
            if unsafe ReferenceChip(id: id, entry.value) == nil {
                report.note("the chip of reference \(id) fails its checksum")
            }
        }
    }
}

extension Repair {
    /// Removes chips that are damaged or nobody's, and has no record promise one that is not there.
    ///
    /// - Parameters:
    ///   - promised: references whose records say that they have a chip.
    ///   - unknown: references whose own records are damaged, which keep what they have.
    mutating func mendChips(promised: IDSet, unknown: IDSet) throws(StoreError) {
        var (gone, sound) = ([UInt64](), IDSet())
        if transaction.keepsChips {
            try unsafe forEach(.chips) { (entry) throws(StoreError) in
                let id = unsafe entry.key.number(0, as: UInt64.self)
                if unknown.contains(id) { return }
                if promised.contains(id), unsafe ReferenceChip(id: Int64(bitPattern: id), entry.value) != nil {
                    _ = sound.insert(id)
                } else {
                    gone.append(id)
                }
            }
        }
        for id in gone { try transaction.delete(.chips, .number(id)) }
        var bare: [ReferenceID] = []
        try unsafe forEach(.references) { (entry) throws(StoreError) in
            let id = unsafe entry.key.number(0, as: UInt64.self)
            if promised.contains(id), !sound.contains(id) { bare.append(Int64(bitPattern: id)) }
        }
        for id in bare {
            guard var record = try transaction.referenceRecord(id) else { continue }
            record.reference.hasChip = false
            record.encode(to: &transaction.record)
            try transaction.put(.references, .number(UInt64(id)), transaction.record.bytes)
        }
        if !gone.isEmpty { done.append("removed \(gone.count) chips that were damaged or had no reference") }
        if !bare.isEmpty { done.append("recorded for \(bare.count) references that their chip is lost") }
    }
}
