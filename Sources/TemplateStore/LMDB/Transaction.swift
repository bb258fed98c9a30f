internal import CLMDB
public import GalleryModel
internal import Glibc

/// One LMDB transaction and the few calls the store makes in it; opaque outside the store.
///
/// Used by one thread, inside one closure of `read` or `write`.
@safe
public final class StoreTransaction {
    let environment: Environment
    let raw: OpaquePointer
    let isWriter: Bool
    /// The first status that makes the transaction worthless; a closure that swallows its error cannot commit.
    private(set) var failure: Int32 = 0
    private var isOpen = true
    /// Whose transaction this is, where it was lent.
    private let owner: StoreTransaction?
    private var loadedCounters: Counters?
    private var countersChanged = false
    /// Where keys are built; aligned for LMDB's integer keys.
    private let keyBytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 8)
    var record = RecordBytes()

    init(_ environment: Environment, raw: OpaquePointer, isWriter: Bool) {
        self.environment = environment
        unsafe self.raw = raw
        self.isWriter = isWriter
        owner = nil
    }

    private init(lending owner: StoreTransaction) {
        environment = owner.environment
        unsafe raw = owner.raw
        isWriter = false
        self.owner = owner
    }

    /// The same transaction for a helper thread, which sees the same state without beginning a transaction of its own.
    ///
    /// For readers only. The owner must wait for its helpers, and have called `prepareToLend` before.
    public func lent() -> StoreTransaction {
        precondition(!isWriter, "a write transaction belongs to one thread")
        return StoreTransaction(lending: owner ?? self)
    }

    /// Makes the transaction one that several threads may read in.
    ///
    /// LMDB allows that for readers without thread-local slots, but looks up where a database is at its first use in a
    /// transaction.
    public func prepareToLend() throws(StoreError) {
        for database in environment.handles.databases { _ = try count(database) }
    }

    deinit {
        abort()
        unsafe keyBytes.deallocate()
    }

    var path: String { environment.path }

    /// Whether the gallery has the database of chips.
    var keepsChips: Bool { environment.settings.keepsChips }

    /// A reader kept beyond its closure has nothing to read from.
    func checkOpen() throws(StoreError) {
        if !isOpen || owner?.isOpen == false {
            throw .misuse(reason: "a transaction was used after its closure had ended")
        }
    }

    func damaged(_ reason: String) -> StoreError { .damaged(path: path, reason: reason) }

    /// Ends the transaction without keeping anything.
    func abort() {
        guard isOpen else { return }
        isOpen = false
        guard owner == nil else { return }
        unsafe mdb_txn_abort(raw)
        environment.gate.leave()
    }

    /// Writes everything to the disk; the transaction has ended whatever the status.
    func commit() -> Int32 {
        do throws(StoreError) { try storeCounters() } catch {
            abort()
            return failure == 0 ? EIO : failure
        }
        isOpen = false
        environment.writerNote?.announce(number)
        let status = unsafe mdb_txn_commit(raw)
        environment.gate.leave()
        return status
    }

    func check(_ status: Int32, _ doing: String) throws(StoreError) {
        if status == 0 { return }
        if isWriter, failure == 0 { failure = status }
        throw StoreError(status: status, path: path, doing: doing)
    }

    // MARK: keys

    /// The keys of all databases.
    @safe enum Key {
        case number(UInt64)
        case text(String)
        /// Good while the bytes are.
        case bytes(UnsafeRawBufferPointer)
        case member(SubjectNumber, UInt64)
        case digest([UInt8], UInt64)
    }

    func value(of key: Key) -> MDB_val {
        var size = 8
        switch key {
        case .number(let number): unsafe keyBytes.storeBytes(of: number, as: UInt64.self)
        case .text(let text):
            // Callers have checked the length: names have at most 511 bytes.
            size = min(text.utf8.count, unsafe keyBytes.count)
            var i = 0
            for byte in text.utf8.prefix(size) {
                unsafe keyBytes[i] = byte
                i += 1
            }
        case .bytes(let bytes):
            return unsafe MDB_val(mv_size: bytes.count, mv_data: .init(mutating: bytes.baseAddress))
        case .member(let subject, let id):
            unsafe keyBytes.storeBytes(of: subject.bigEndian, as: UInt64.self)
            unsafe keyBytes.storeBytes(of: id.bigEndian, toByteOffset: 8, as: UInt64.self)
            size = 16
        case .digest(let digest, let id):
            unsafe keyBytes.copyBytes(from: digest)
            unsafe keyBytes.storeBytes(of: id.bigEndian, toByteOffset: digest.count, as: UInt64.self)
            size = digest.count + 8
        }
        return unsafe MDB_val(mv_size: size, mv_data: keyBytes.baseAddress)
    }

    // MARK: records

    /// The value under `key`, nil if there is none.
    ///
    /// Good until the transaction ends or writes.
    func get(_ database: Database, _ key: Key) throws(StoreError) -> UnsafeRawBufferPointer? {
        try checkOpen()
        var keyValue = unsafe value(of: key)
        var found = unsafe MDB_val()
        let status = unsafe mdb_get(raw, environment.handles[database], &keyValue, &found)
        if status == MDB_NOTFOUND { return nil }
        try check(status, "reading")
        return unsafe UnsafeRawBufferPointer(start: found.mv_data, count: found.mv_size)
    }

    /// Stores `bytes` under `key`; `append` when the key is above all others (checked by LMDB).
    func put(_ database: Database, _ key: Key, _ bytes: UnsafeRawBufferPointer, append: Bool = false)
        throws(StoreError)
    {
        var keyValue = unsafe value(of: key)
        var data = unsafe MDB_val(
            mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        let status = unsafe mdb_put(
            raw, environment.handles[database], &keyValue, &data, append ? UInt32(MDB_APPEND) : 0)
        try check(status, "writing")
    }

    func put(_ database: Database, _ key: Key, _ bytes: [UInt8], append: Bool = false) throws(StoreError) {
        var failure: StoreError?
        unsafe bytes.withUnsafeBytes { bytes in
            do throws(StoreError) { try unsafe put(database, key, bytes, append: append) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Stores `number` under `key` unless there is a value already, which is then returned: one descent for both.
    func putNew(_ database: Database, _ key: Key, _ number: UInt64) throws(StoreError)
        -> UnsafeRawBufferPointer?
    {
        try checkOpen()
        var keyValue = unsafe value(of: key)
        var number = number.littleEndian
        return try unsafe withUnsafeMutableBytes(of: &number) { bytes throws(StoreError) in
            var data = unsafe MDB_val(mv_size: bytes.count, mv_data: bytes.baseAddress)
            let status = unsafe mdb_put(
                raw, environment.handles[database], &keyValue, &data, UInt32(MDB_NOOVERWRITE))
            if status == MDB_KEYEXIST {
                return unsafe UnsafeRawBufferPointer(start: data.mv_data, count: data.mv_size)
            }
            try check(status, "writing")
            return nil
        }
    }

    /// Removes `key`; false when it was not there.
    @discardableResult
    func delete(_ database: Database, _ key: Key) throws(StoreError) -> Bool {
        var keyValue = unsafe value(of: key)
        let status = unsafe mdb_del(raw, environment.handles[database], &keyValue, nil)
        if status == MDB_NOTFOUND { return false }
        try check(status, "writing")
        return true
    }

    /// Removes every record of `database`.
    func clear(_ database: Database) throws(StoreError) {
        try check(unsafe mdb_drop(raw, environment.handles[database], 0), "writing")
    }

    /// Records in `database`.
    func count(_ database: Database) throws(StoreError) -> Int {
        try checkOpen()
        var stat = MDB_stat()
        try check(unsafe mdb_stat(raw, environment.handles[database], &stat), "reading")
        return Int(stat.ms_entries)
    }

    // MARK: counters

    func counters() throws(StoreError) -> Counters {
        if let loadedCounters { return loadedCounters }
        guard let bytes = try unsafe get(.meta, .text(Format.countersKey)),
            let counters = unsafe Counters(bytes)
        else { throw damaged("its counters record is damaged") }
        loadedCounters = counters
        return counters
    }

    func setCounters(_ counters: Counters) {
        loadedCounters = counters
        countersChanged = true
    }

    func storeCounters() throws(StoreError) {
        guard countersChanged, let loadedCounters else { return }
        try put(.meta, .text(Format.countersKey), loadedCounters.encoded())
        countersChanged = false
    }
}

/// A walk over one database in the order of its keys.
@safe
struct Cursor: ~Copyable {
    private let raw: OpaquePointer
    private let transaction: StoreTransaction

    init(_ transaction: StoreTransaction, _ database: Database) throws(StoreError) {
        try transaction.checkOpen()
        var opened: OpaquePointer?
        let status = unsafe mdb_cursor_open(transaction.raw, transaction.environment.handles[database], &opened)
        guard status == 0, let opened = unsafe opened else {
            throw StoreError(status: status, path: transaction.path, doing: "reading")
        }
        unsafe raw = opened
        self.transaction = transaction
    }

    deinit { unsafe mdb_cursor_close(raw) }

    typealias Entry = (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)

    /// The first record.
    func first() throws(StoreError) -> Entry? { try unsafe move(MDB_FIRST, unsafe MDB_val()) }

    /// The last record.
    func last() throws(StoreError) -> Entry? { try unsafe move(MDB_LAST, unsafe MDB_val()) }

    /// The first record at or above `key`.
    func seek(_ key: StoreTransaction.Key) throws(StoreError) -> Entry? {
        try unsafe move(MDB_SET_RANGE, unsafe transaction.value(of: key))
    }

    /// The record behind the current one.
    func next() throws(StoreError) -> Entry? { try unsafe move(MDB_NEXT, unsafe MDB_val()) }

    private func move(_ operation: MDB_cursor_op, _ from: MDB_val) throws(StoreError) -> Entry? {
        var key = unsafe from
        var value = unsafe MDB_val()
        let status = unsafe mdb_cursor_get(raw, &key, &value, operation)
        if status == MDB_NOTFOUND { return nil }
        try transaction.check(status, "reading")
        return unsafe (
            UnsafeRawBufferPointer(start: key.mv_data, count: key.mv_size),
            UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
        )
    }
}

extension StoreTransaction {
    /// The number of the subject whose name is a key; nil if there is none.
    func subjectNumber(_ name: Key) throws(StoreError) -> SubjectNumber? {
        guard let bytes = try unsafe get(.names, name) else { return nil }
        return try unsafe subjectNumber(in: bytes, of: name)
    }

    /// The number that stands with a name.
    func subjectNumber(in bytes: UnsafeRawBufferPointer, of name: Key) throws(StoreError) -> SubjectNumber {
        guard bytes.count == 8 else { throw damaged("the name '\(name.text.shown)' has no number") }
        return unsafe bytes.number(0, as: UInt64.self)
    }
}

extension StoreTransaction.Key {
    /// What a key of `names` says.
    fileprivate var text: String {
        switch self {
        case .text(let text): text
        case .bytes(let bytes): unsafe String(decoding: bytes, as: UTF8.self)
        case .number, .member, .digest: ""
        }
    }
}
