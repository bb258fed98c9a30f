/// A picture of the face that a reference's template was made of, with what it takes to cut it out for any network.
///
/// The store keeps it with its reference and does not look into the picture.
public struct ReferenceChip: Sendable, Hashable {
    /// What the five points of a face are.
    public enum Points: UInt16, Sendable {
        /// There are none: the picture is a whole photo.
        case none = 0
        /// dlib's: corners of the eyes and base of the nose.
        case eyeCornersAndNoseBase = 1
        /// YuNet's: middles of the eyes, tip of the nose, corners of the mouth.
        case eyesNoseAndMouth = 2
    }

    /// Pixels across and down of the picture; one of `sides`.
    public var side: Int
    /// The face's box: left, top, width and height in pixels of the picture.
    public var box: SIMD4<Int32>
    /// What the points are.
    public var scheme: Points
    /// Columns and rows of five points in pixels of the picture, or none.
    public var points: [SIMD2<Float>]
    /// The picture as a JPEG file; one of `pictureSizes` in bytes.
    public var picture: [UInt8]

    /// Pixels that a picture may have across.
    public static let sides = 16...1024
    /// Bytes that a picture may have.
    public static let pictureSizes = 1...(1 << 18)

    /// Collects the parts; `StoreWriter.add` checks them.
    public init(
        side: Int, box: SIMD4<Int32>, scheme: Points, points: [SIMD2<Float>], picture: [UInt8]
    ) {
        (self.side, self.box, self.scheme, self.points, self.picture) = (side, box, scheme, points, picture)
    }
}

extension ReferenceChip {
    /// Where the picture begins in a record.
    static let headSize = 64
    private static let pointCount = 5
    /// Places that a face can have in its picture, which it may reach beyond.
    private static let places = Float(-65_536)...65_536

    /// Why no reference can have such a chip; nil for one that can be stored.
    var fault: String? {
        if !Self.pictureSizes.contains(picture.count) {
            return "its chip has \(picture.count) bytes, \(Self.pictureSizes) are possible"
        }
        return hasSoundNumbers ? nil : "its chip has a side, a box or points that no face has"
    }

    private var hasSoundNumbers: Bool {
        Self.sides.contains(side) && points.count == (scheme == .none ? 0 : Self.pointCount)
            && (0..<4).allSatisfy { Self.places.contains(Float(box[$0])) } && box[2] > 0 && box[3] > 0
            && points.allSatisfy { Self.places.contains($0.x) && Self.places.contains($0.y) }
    }

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

    /// The numbers before a picture; nil where they are not there, or no chip's.
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

/// How many chips a gallery keeps.
public struct ChipStatistics: Sendable, Hashable {
    /// References that have a chip.
    public let count: Int
    /// Bytes of the pages that hold them.
    public let bytes: Int
}

extension StoreReading where Self: ~Copyable {
    /// The chip of a reference; nil where it has none.
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

    /// How many chips there are; nil where the gallery keeps none.
    ///
    /// O(1).
    public var chips: ChipStatistics? {
        get throws(StoreError) { try transaction.chipStatistics }
    }
}
