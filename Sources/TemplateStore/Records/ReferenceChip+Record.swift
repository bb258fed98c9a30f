public import GalleryModel

extension ReferenceChip {
    /// Where the picture begins in a record.
    static let headSize = 64

    /// Writes the record of the chip of reference `id` to `record`, which is emptied first.
    func encode(id: ReferenceID, to record: inout RecordBytes) {
        record.removeAll()
        record.append(UInt32(0))
        record.append(UInt16(truncatingIfNeeded: side))
        record.append(scheme.rawValue)
        for place in 0..<4 { record.append(box[place]) }
        for place in 0..<Self.pointCount {
            let point = place < points.count ? points[place] : SIMD2()
            record.append(point.x.bitPattern)
            record.append(point.y.bitPattern)
        }
        record.append(picture)
        record.seal(key: UInt64(bitPattern: id))
    }

    /// Nil where the bytes are no such record or their checksum is wrong.
    init?(id: ReferenceID, _ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > Self.headSize, unsafe bytes.isSealed(key: UInt64(bitPattern: id)) else {
            return nil
        }
        unsafe self.init(head: bytes)
        picture = unsafe [UInt8](bytes.slice(Self.headSize, bytes.count - Self.headSize))
        guard fault == nil else { return nil }
    }

    /// The numbers before a picture; nil if they are not there, or no chip's.
    private init?(head bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headSize,
            let scheme = unsafe Points(rawValue: bytes.number(6, as: UInt16.self))
        else { return nil }
        var box = SIMD4<Int32>()
        for place in 0..<4 { box[place] = unsafe bytes.number(8 + 4 * place, as: Int32.self) }
        func float(_ offset: Int) -> Float { Float(bitPattern: unsafe bytes.number(offset, as: UInt32.self)) }
        let points = (0..<(scheme == .none ? 0 : Self.pointCount)).map {
            SIMD2(float(24 + 8 * $0), float(28 + 8 * $0))
        }
        self.init(
            side: Int(unsafe bytes.number(4, as: UInt16.self)), box: box, scheme: scheme, points: points,
            picture: [])
        guard hasSoundNumbers else { return nil }
    }

    /// Whether a record, as far as it was read, has the size and the numbers of a chip's.
    static func isSound(_ value: RecordValue) -> Bool {
        guard pictureSizes.contains(value.size - headSize), value.available >= headSize else { return false }
        return unsafe Array(value.bytes(0..<headSize)).withUnsafeBytes { unsafe ReferenceChip(head: $0) != nil }
    }
}

extension StoreReading where Self: ~Copyable {
    /// The chip of a reference; nil if it has none.
    ///
    /// O(log references + bytes of the chip).
    /// - Throws: `damaged` where its checksum is wrong.
    public func chip(of id: ReferenceID) throws(StoreError) -> ReferenceChip? {
        guard id > 0, transaction.keepsChips,
            let bytes = try unsafe transaction.get(.chips, .number(UInt64(id)))
        else { return nil }
        guard let chip = unsafe ReferenceChip(id: id, bytes) else {
            throw transaction.damaged("the chip of reference \(id) fails its checksum")
        }
        return chip
    }

    /// How many chips there are; nil if the gallery keeps none.
    ///
    /// O(1).
    public var chips: ChipStatistics? {
        get throws(StoreError) { try transaction.chipStatistics }
    }
}
