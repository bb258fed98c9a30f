internal import CLMDB

/// What a cache knows of a photo.
enum CachedChip: Sendable {
    /// Nothing, or something damaged.
    case none
    /// The photo shows no face.
    case noFace
    /// Its pixels, copied out.
    case pixels
}

/// One transaction of a cache's environment; both calls return an LMDB status.
@safe
struct CacheTransaction: ~Copyable {
    private let raw: OpaquePointer
    private let database: MDB_dbi

    init(raw: OpaquePointer, database: MDB_dbi) {
        unsafe self.raw = raw
        self.database = database
    }

    /// Copies what is kept under `key` to `place`, which has room for `size` bytes.
    func copy(
        _ key: ChipCache.Key, size: Int, to place: UnsafeMutableRawPointer, _ found: inout CachedChip
    ) -> Int32 {
        var value = unsafe MDB_val()
        let status = unsafe withKey(key) { unsafe mdb_get(raw, database, $0, &value) }
        found = .none
        guard status == 0 else { return status == MDB_NOTFOUND ? 0 : status }
        // Lent by LMDB until the transaction ends.
        guard let start = unsafe value.mv_data, unsafe value.mv_size >= 8 else { return 0 }
        let count = unsafe value.mv_size - 8
        guard count == 0 || count == size else { return 0 }
        unsafe place.copyMemory(from: start + 8, byteCount: count)
        let copied = unsafe UnsafeRawBufferPointer(start: place, count: count)
        if unsafe start.loadUnaligned(as: UInt64.self) == checksum(key, copied) {
            found = count == 0 ? .noFace : .pixels
        }
        return 0
    }

    /// Keeps `pixels` under `key`, in place of what was there.
    func put(_ key: ChipCache.Key, _ pixels: UnsafeRawBufferPointer) -> Int32 {
        var value = unsafe MDB_val(mv_size: 8 + pixels.count, mv_data: nil)
        let status = unsafe withKey(key) { unsafe mdb_put(raw, database, $0, &value, UInt32(MDB_RESERVE)) }
        guard status == 0, let start = unsafe value.mv_data else { return status }
        unsafe start.storeBytes(of: checksum(key, pixels), as: UInt64.self)
        if let pixels = pixels.baseAddress {
            unsafe (start + 8).copyMemory(from: pixels, byteCount: value.mv_size - 8)
        }
        return 0
    }

    private func withKey(
        _ key: ChipCache.Key, _ body: (UnsafeMutablePointer<MDB_val>) -> Int32
    ) -> Int32 {
        var bytes = key.bytes
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            var value = unsafe MDB_val(mv_size: buffer.count, mv_data: buffer.baseAddress)
            return unsafe body(&value)
        }
    }

    /// A checksum against damage, not against malice: eight bytes a step, multiplied and folded.
    private func checksum(_ key: ChipCache.Key, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let prime: UInt64 = 0x9e37_79b9_7f4a_7c15
        var lanes = SIMD4<UInt64>(1, 2, 3, 4)
        // The key takes part, so that a page in another's place is noticed.
        for (index, byte) in key.bytes.enumerated() {
            lanes[index & 3] = (lanes[index & 3] ^ UInt64(byte)) &* prime
        }
        var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
        var at = 0
        func mix(_ sum: UInt64, _ word: UInt64) -> UInt64 {
            let product = (sum ^ word) &* prime
            return product ^ (product >> 29)
        }
        while at + 32 <= bytes.count {
            a = unsafe mix(a, bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            b = unsafe mix(b, bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self))
            c = unsafe mix(c, bytes.loadUnaligned(fromByteOffset: at + 16, as: UInt64.self))
            d = unsafe mix(d, bytes.loadUnaligned(fromByteOffset: at + 24, as: UInt64.self))
            at += 32
        }
        while at < bytes.count {
            a = unsafe mix(a, UInt64(bytes[at]))
            at += 1
        }
        return mix(mix(mix(mix(UInt64(bytes.count), a), b), c), d)
    }
}
