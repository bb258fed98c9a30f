private import CVips

/// A decoded photo: upright, 8 bits a channel, red, green, blue.
///
/// The orientation a camera recorded (EXIF 1…8) has been applied. Transparent pixels lie on white; grey,
/// 16-bit and CMYK pictures have been converted to sRGB, CMYK by its own ink profile when it carries one.
/// RGB values are taken as they are stored: a wide-gamut profile is not applied, because face networks were
/// trained on such values. Of an animation or a document of several pages it is the first picture.
public struct Photo: Sendable, Equatable {
    /// What errors call this photo.
    public let name: String
    /// Pixels across, at least 1.
    public let width: Int
    /// Pixels down, at least 1.
    public let height: Int
    /// Red, green and blue of every pixel, row by row from the top left: `3 * width * height` values.
    public let pixels: [UInt8]

    /// A picture from pixels: `3 * width * height` values, red, green, blue, row by row.
    ///
    /// Whoever gives another number of values gets a photo in which `FaceDetector` refuses to search.
    public init(name: String, width: Int, height: Int, pixels: [UInt8]) {
        self.name = name
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Reads and decodes `source`; see `init(_:limits:)` of a `PhotoFile`.
    public init(_ source: PhotoSource, limits: DecodeLimits = .standard) throws(PhotoError) {
        try self.init(PhotoFile(source, limits: limits), limits: limits)
    }

    /// Decodes `file`, told apart by its first bytes and never by its name.
    ///
    /// JPEG, PNG, WebP, TIFF, HEIC/AVIF, GIF and PNM are read; no other decoder is reachable. The pixel limit
    /// is compared with the header before any pixel is decoded. One thread is used, and any number of threads
    /// may decode at once. Time is linear in the pixels; memory is 3 bytes a pixel and, for progressive and
    /// interlaced files, what their decoder keeps.
    /// - Throws: `PhotoError.notAPhoto`, `.damaged`, `.tooManyPixels` or `.decoderUnavailable`.
    public init(_ file: PhotoFile, limits: DecodeLimits = .standard) throws(PhotoError) {
        do {
            cvips_begin_shared()
            defer { cvips_end() }
            self = try Photo(decoding: file, limits: limits)
            return
        } catch {
            // Only what libvips says must be asked for again: its error log mixes all threads' failures.
            guard case .damaged = error else { throw error }
        }
        cvips_begin_alone()
        defer { cvips_end() }
        self = try Photo(decoding: file, limits: limits)
    }

    private init(decoding file: PhotoFile, limits: DecodeLimits) throws(PhotoError) {
        let decoded = unsafe file.bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(PhotoError) in
                // The picture is closed before the buffer ends.
                let picture = try unsafe OpenPicture(buffer, name: file.name)
                let (width, height) = (picture.width, picture.height)
                guard width <= limits.pixels / height else {
                    throw .tooManyPixels(name: file.name, width: width, height: height, limit: limits.pixels)
                }
                return (width, height, try picture.decode())
            }
        }
        (width, height, pixels) = try decoded.get()
        name = file.name
    }
}

/// A picture whose header has been read.
///
/// Owns the C handle; lives no longer than the bytes it reads.
@safe private struct OpenPicture: ~Copyable {
    private let handle: OpaquePointer
    private let name: String

    init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(PhotoError) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { throw .empty(name: name) }
        var handle: OpaquePointer?
        var message = Message()
        let status = unsafe message.receive {
            unsafe cvips_open(start, bytes.count, &handle, $0, $1)
        }
        guard status == CVIPS_OK, let handle = unsafe handle else {
            throw photoError(status, name: name, message: message)
        }
        unsafe self.handle = handle
        self.name = name
    }

    deinit { unsafe cvips_close(handle) }

    var width: Int { Int(unsafe cvips_width(handle)) }
    var height: Int { Int(unsafe cvips_height(handle)) }

    func decode() throws(PhotoError) -> [UInt8] {
        let count = 3 * width * height
        var message = Message()
        var status = CVIPS_OK
        let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard let start = buffer.baseAddress else { return }
            unsafe status = message.receive { unsafe cvips_decode(handle, start, count, $0, $1) }
            // The bridge writes every pixel or fails.
            filled = status == CVIPS_OK ? count : 0
        }
        guard status == CVIPS_OK else { throw photoError(status, name: name, message: message) }
        return pixels
    }
}

private func photoError(_ status: cvips_status, name: String, message: Message) -> PhotoError {
    switch status {
    case CVIPS_NOT_A_PHOTO: .notAPhoto(name: name)
    case CVIPS_UNAVAILABLE: .decoderUnavailable(name: name, reason: message.text)
    default: .damaged(name: name, reason: message.text)
    }
}
