internal import CLMDB
internal import GalleryModel

/// The settings record: written once, at creation.
enum StoredSettings {
    private static let fixedSize = 32

    static func encode(_ settings: StoreSettings, created: Double) -> [UInt8] {
        var record = RecordBytes()
        record.append(UInt32(0))
        record.append(Format.magic)
        record.append(UInt32(settings.keepsChips ? Format.versionWithChips : Format.version))
        record.append(UInt32(settings.dimension))
        record.append(created)
        record.append(UInt32(settings.networkName.utf8.count))
        record.append(UInt32(settings.networkFingerprint.utf8.count))
        record.append(settings.networkName)
        record.append(settings.networkFingerprint)
        record.seal(key: 0)
        return record.bytes
    }

    static func read(
        _ transaction: OpaquePointer, _ meta: MDB_dbi, path: String
    ) throws(StoreError) -> (StoreSettings, created: Double) {
        var key = [UInt8](Format.settingsKey.utf8)
        var found: Result<(StoreSettings, Double), StoreError> = .failure(.notAGallery(path: path))
        unsafe key.withUnsafeMutableBytes { key in
            var keyValue = unsafe MDB_val(mv_size: key.count, mv_data: key.baseAddress)
            var value = unsafe MDB_val()
            let status = unsafe mdb_get(transaction, meta, &keyValue, &value)
            if status == MDB_NOTFOUND { return }
            if status != 0 {
                found = .failure(StoreError(status: status, path: path, doing: "reading"))
                return
            }
            unsafe found = decode(
                UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size), path: path)
        }
        return try found.get()
    }

    static func decode(
        _ bytes: UnsafeRawBufferPointer, path: String
    ) -> Result<(StoreSettings, Double), StoreError> {
        guard bytes.count >= 12, unsafe bytes.number(4, as: UInt32.self) == Format.magic else {
            return .failure(.notAGallery(path: path))
        }
        // The version first: the layout behind it is only known for these.
        let version = Int(unsafe bytes.number(8, as: UInt32.self))
        guard version == Format.version || version == Format.versionWithChips else {
            return .failure(
                .unsupportedFormat(path: path, version: version, supported: Format.versionWithChips))
        }
        let damaged = StoreError.damaged(path: path, reason: "its settings record is damaged")
        guard bytes.count >= fixedSize, unsafe bytes.isSealed(key: 0) else { return .failure(damaged) }
        let nameSize = Int(unsafe bytes.number(24, as: UInt32.self))
        let fingerprintSize = Int(unsafe bytes.number(28, as: UInt32.self))
        guard bytes.count == fixedSize + nameSize + fingerprintSize,
            let name = unsafe bytes.text(fixedSize, nameSize),
            let fingerprint = unsafe bytes.text(fixedSize + nameSize, fingerprintSize)
        else { return .failure(damaged) }
        let settings = unsafe StoreSettings(
            dimension: Int(bytes.number(12, as: UInt32.self)), networkName: name,
            networkFingerprint: fingerprint, keepsChips: version == Format.versionWithChips)
        guard (try? settings.check()) != nil else { return .failure(damaged) }
        return unsafe .success((settings, bytes.double(16)))
    }
}
