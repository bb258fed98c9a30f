private import CVips

/// Decodes one file within its limits.
struct PhotoDecoder {
    private let file: PhotoFile
    private let format: PhotoFormat
    private let limits: DecodeLimits
    private let shouldStop: @Sendable () -> Bool
    private let room: DecodingRoom

    /// Tells the format.
    ///
    /// - Parameter room: the memory that this decoder shares with others.
    /// - Throws: `.notAPhoto`.
    init(
        _ file: PhotoFile, limits: DecodeLimits, shouldStop: @escaping @Sendable () -> Bool,
        room: DecodingRoom = .shared
    ) throws(PhotoError) {
        guard let format = PhotoFormat.of(firstBytes: file.bytes) else { throw .notAPhoto(name: file.name) }
        (self.file, self.format, self.limits) = (file, format, limits)
        (self.shouldStop, self.room) = (shouldStop, room)
    }

    /// The upright picture: its width, its height, and 3 bytes a pixel.
    func decode() throws(PhotoError) -> (Int, Int, [UInt8]) {
        let decoded = unsafe file.bytes.withUnsafeBytes { bytes in
            Result { () throws(PhotoError) in try unsafe decode(bytes) }
        }
        return try decoded.get()
    }

    private func decode(_ bytes: UnsafeRawBufferPointer) throws(PhotoError) -> (Int, Int, [UInt8]) {
        let structure = try unsafe structure(of: bytes)
        // The picture is closed before the bytes end.
        let picture = try unsafe OpenPicture(
            bytes, format, structure, seconds: limits.seconds, shouldStop: shouldStop,
            fault: { fault($0, structure) })
        let (width, height) = (picture.width, picture.height)
        // Both have 31 bits.
        let pixels = width * height
        guard pixels <= limits.pixels else {
            throw .tooManyPixels(name: file.name, width: width, height: height, limit: limits.pixels)
        }
        if let capacity = structure.capacity, pixels > capacity {
            throw .tooFewBytes(name: file.name, bytes: bytes.count, width: width, height: height)
        }
        let held = format.heldBytes(decodedPixelBytes: picture.decodedPixelBytes, structure)
        let needed = product(pixels, 3 + held) ?? .max
        let decoded = try room.with(needed, shouldStop: shouldStop) { () throws(PhotoError) in
            try picture.decode(fault: { fault($0, structure) })
        }
        guard let decoded else { throw .stopped(name: file.name) }
        return (width, height, decoded)
    }

    private func structure(of bytes: UnsafeRawBufferPointer) throws(PhotoError) -> PhotoStructure {
        do throws(PhotoStructure.Fault) {
            return try unsafe PhotoStructure(of: bytes, format: format)
        } catch {
            switch error {
            case .damaged(let reason): throw .damaged(name: file.name, reason: reason)
            case .tooMany(let parts, let count):
                throw .tooManyParts(name: file.name, parts: parts.rawValue, count: count, limit: parts.limit)
            case .cameraRaw: throw .cameraRaw(name: file.name)
            case .unusualPixels(let what): throw .unusualPixels(name: file.name, what: what)
            }
        }
    }

    /// What a caller is told of an ending.
    ///
    /// libvips' own words are not used: its log mixes those on all photos.
    private func fault(_ ending: OpenPicture.Ending, _ structure: PhotoStructure) -> PhotoError {
        let name = file.name
        switch ending {
        case .unavailable(let reason): return .decoderUnavailable(name: name, reason: reason)
        case .notReadable: return .notReadableHere(name: name, format: format)
        case .tooSlow(let seconds): return .tooSlow(name: name, seconds: seconds, limit: limits.seconds)
        case .stopped: return .stopped(name: name)
        case .damagedHeader, .damagedPixels:
            if let end = structure.missingEnd { return .damaged(name: name, reason: "it is cut short: \(end)") }
        }
        let reason =
            switch ending {
            case .damagedPixels(let rows, let height) where rows > 0:
                "its \(format.name) data is cut short or broken after row \(rows) of \(height)"
            case .damagedPixels: "its \(format.name) data is cut short or broken"
            default: "its \(format.name) header cannot be read"
            }
        return .damaged(name: name, reason: reason)
    }
}

extension PhotoFormat {
    /// Bytes a pixel that the decoder holds beside the picture it gives, as measured for the largest pictures.
    ///
    /// - Parameter decodedPixelBytes: of a pixel as the decoder gives it.
    func heldBytes(decodedPixelBytes: Int, _ structure: PhotoStructure) -> Int {
        guard structure.isHeldWhole else { return 1 }
        switch self {
        // Coefficients of two bytes.
        case .jpeg: return 2 * max(1, structure.channels)
        case .png: return decodedPixelBytes
        case .tiff: return 2 * decodedPixelBytes
        case .pnm: return 1
        case .bmp: return decodedPixelBytes
        case .webP, .gif: return 8
        case .heif: return decodedPixelBytes + 6
        // Numbers of four bytes, in up to five channels.
        case .jpeg2000: return decodedPixelBytes + 20
        case .jpegXL: return decodedPixelBytes + 32
        }
    }
}

extension PhotoStructure {
    /// What the bridge is told of the file.
    fileprivate var reading: cvips_reading {
        // At most so many pictures are taken.
        cvips_reading(
            page: Int32(page), sub_directory: Int32(subDirectory ?? -1),
            drops_extra_channel: hasUnrelatedChannel ? 1 : 0, lacks_end: missingEnd == nil ? 0 : 1)
    }
}

/// A picture whose header has been read.
///
/// Owns the C handle; lives no longer than the bytes it reads.
@safe private struct OpenPicture: ~Copyable {
    /// Why a picture is not decoded.
    enum Ending {
        case unavailable(reason: String)
        case notReadable
        case damagedHeader
        case damagedPixels(rows: Int, height: Int)
        case tooSlow(seconds: Double)
        case stopped
    }

    private let handle: OpaquePointer
    private let bounds: Bounds

    init(
        _ bytes: UnsafeRawBufferPointer, _ format: PhotoFormat, _ structure: PhotoStructure, seconds: Double,
        shouldStop: @escaping @Sendable () -> Bool, fault: (Ending) -> PhotoError
    ) throws(PhotoError) {
        guard let start = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress else {
            throw fault(.damagedHeader)
        }
        let bounds = Bounds(seconds: seconds, shouldStop: shouldStop)
        var handle: OpaquePointer?
        var message = Message()
        var used: Int64 = 0
        let status = unsafe message.receive {
            unsafe cvips_open(
                cvips_format(format.rawValue), start, bytes.count, structure.reading, bounds.pointer, &handle,
                &used,
                $0, $1)
        }
        guard status == CVIPS_OK, let handle = unsafe handle else {
            throw fault(
                status == CVIPS_UNAVAILABLE
                    ? .unavailable(reason: message.text)
                    : Self.ending(status, used: used, otherwise: .damagedHeader))
        }
        self.bounds = bounds
        unsafe self.handle = handle
    }

    deinit { unsafe cvips_close(handle) }

    var width: Int { Int(unsafe cvips_width(handle)) }
    var height: Int { Int(unsafe cvips_height(handle)) }
    var decodedPixelBytes: Int { max(1, Int(unsafe cvips_decoded_pixel_bytes(handle))) }

    func decode(fault: (Ending) -> PhotoError) throws(PhotoError) -> [UInt8] {
        // The caller has compared the number of pixels with a limit.
        let count = 3 * width * height
        var status = CVIPS_OK
        var rows: Int32 = 0
        var used: Int64 = 0
        let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard let start = buffer.baseAddress else { return }
            unsafe status = cvips_decode(handle, start, count, &rows, &used)
            // The bridge writes every pixel or fails.
            filled = status == CVIPS_OK ? count : 0
        }
        guard status == CVIPS_OK else {
            let stored = Int(unsafe cvips_stored_height(handle))
            throw fault(
                Self.ending(status, used: used, otherwise: .damagedPixels(rows: Int(rows), height: stored)))
        }
        return pixels
    }

    private static func ending(_ status: cvips_status, used: Int64, otherwise: Ending) -> Ending {
        switch status {
        case CVIPS_NOT_READABLE: .notReadable
        case CVIPS_TOO_SLOW: .tooSlow(seconds: Double(used) / 1e9)
        case CVIPS_STOPPED: .stopped
        default: otherwise
        }
    }
}

/// A photo's bounds where C finds them, at one address for as long as this object lives.
@safe private final class Bounds {
    let pointer: UnsafeMutablePointer<cvips_bounds>
    private let wish: UnsafeMutablePointer<@Sendable () -> Bool>

    init(seconds: Double, shouldStop: @escaping @Sendable () -> Bool) {
        unsafe wish = .allocate(capacity: 1)
        unsafe wish.initialize(to: shouldStop)
        unsafe pointer = .allocate(capacity: 1)
        // What is no number counts as no time at all; a century is enough for anyone.
        let nanoseconds = Int64(seconds > 0 ? min(seconds, 3e9) * 1e9 : 0)
        unsafe pointer.initialize(
            to: cvips_bounds(
                nanoseconds: nanoseconds,
                should_stop: { context in
                    guard let context = unsafe context else { return 0 }
                    return unsafe context.assumingMemoryBound(to: (@Sendable () -> Bool).self).pointee() ? 1 : 0
                },
                context: UnsafeRawPointer(wish)))
    }

    deinit {
        unsafe pointer.deinitialize(count: 1)
        unsafe pointer.deallocate()
        unsafe wish.deinitialize(count: 1)
        unsafe wish.deallocate()
    }
}
