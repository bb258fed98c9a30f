internal import CLMDB
internal import GalleryModel
internal import Glibc

extension TemplateStore {
    func runRead<R, E: Error>(
        _ body: (borrowing StoreReader) throws(E) -> R
    ) throws(StoreError) -> Result<R, E> {
        let transaction = try begin(writer: false)
        defer { transaction.abort() }
        let outcome: Result<R, E>
        do throws(E) { outcome = .success(try body(StoreReader(transaction))) } catch {
            outcome = .failure(error)
        }
        try checkNotOvertaken(transaction)
        return outcome
    }

    func runWrite<R, E: Error>(
        _ body: (inout StoreWriter) throws(E) -> R
    ) throws(StoreError) -> Result<R, E> {
        if isReadOnly { throw .readOnly(path: path) }
        guard environment.gate.becomeWriter() else {
            throw .misuse(
                reason: "a write inside a read or write of '\(path)' on the same thread would wait for itself")
        }
        defer { environment.gate.resignWriter() }
        while true {
            let transaction = try begin(writer: true)
            do throws(StoreError) { try environment.requirePresence() } catch {
                transaction.abort()
                throw error
            }
            var outcome: Result<R, E>
            do throws(E) {
                var writer = StoreWriter(transaction)
                outcome = .success(try body(&writer))
            } catch { outcome = .failure(error) }
            // Asked before the outcome: a full map is not an error, whatever `body` made of it.
            var status = transaction.failure
            if status == 0, case .success = outcome {
                status = transaction.commit()
            } else {
                transaction.abort()
            }
            if status == MDB_MAP_FULL {
                try grow()
                continue
            }
            if status == 0, case .failure = outcome { return outcome }
            // LMDB calls a write that was cut short an I/O error: mostly the disk was full.
            if status == EIO, environment.isOutOfSpace { throw .noSpace(path: path) }
            try StoreError.check(status, path: path, doing: "writing to")
            // What was written into a file without a name is lost: nobody may be told that it is safe.
            try environment.requirePresence()
            return outcome
        }
    }

    /// Begins a transaction, adopting the map of another process and clearing dead readers where that helps.
    private func begin(writer: Bool) throws(StoreError) -> StoreTransaction {
        var clearedReaders = false
        while true {
            environment.gate.enter()
            var raw: OpaquePointer?
            let status =
                unsafe writer
                ? WriterWait.shared.during(path) { unsafe mdb_txn_begin(environment.raw, nil, 0, &raw) }
                : mdb_txn_begin(environment.raw, nil, UInt32(MDB_RDONLY), &raw)
            if status == 0, let raw = unsafe raw {
                return unsafe StoreTransaction(environment, raw: raw, isWriter: writer)
            }
            environment.gate.leave()
            if status == MDB_MAP_RESIZED {
                if environment.gate.holdsThisThread {
                    throw .busy(path: path, reason: "another process enlarged it during a nested read")
                }
                let adopted = environment.gate.move { environment.adoptMap() }
                try StoreError.check(adopted, path: path, doing: "mapping")
            } else if status == MDB_READERS_FULL, !clearedReaders {
                clearedReaders = true
                var dead: Int32 = 0
                unsafe mdb_reader_check(environment.raw, &dead)
            } else {
                throw StoreError(status: status, path: path, doing: writer ? "writing to" : "reading")
            }
        }
    }

    private func grow() throws(StoreError) {
        let status = environment.gate.move { environment.growMap() }
        try StoreError.check(status, path: path, doing: "enlarging the memory map of")
    }

    /// Without a lock file no writer knows of this reader.
    ///
    /// LMDB reuses a page two commits after the one that
    /// freed it at the earliest, so a snapshot is whole while at most one commit lies behind it.
    private func checkNotOvertaken(_ transaction: StoreTransaction) throws(StoreError) {
        guard environment.isUnlocked else { return }
        // Nor does anybody who exchanges the data file.
        guard try DataFile(in: environment.folder, path: path).identity() == identity else {
            throw .busy(path: path, reason: "its data file was replaced; open it again")
        }
        if environment.lastTransaction > transaction.number + 1 {
            throw .busy(path: path, reason: "it was written to while it was read without a lock")
        }
    }
}

extension StoreTransaction {
    /// LMDB's number of the snapshot.
    var number: UInt64 { UInt64(unsafe mdb_txn_id(raw)) }
}
