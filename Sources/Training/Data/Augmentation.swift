/// How chips are varied by chance before a network sees them.
///
/// One warp (mirror, zoom, rotation and shift in a single bilinear resampling whose edges repeat), then contrast
/// and brightness, grey, blur, and a rectangle that is erased. A value; safe to share between threads.
public struct Augmentation: Codable, Sendable, Equatable {
    /// Share of the chips that are mirrored, 0…1.
    public var mirror: Float
    /// Largest shift across and down, as a share of the side, 0…0.5.
    public var shift: Float
    /// Largest enlargement less 1, 0…1; as likely a reduction by the same factor.
    public var zoom: Float
    /// Largest rotation either way, in degrees, 0…180.
    public var rotation: Float
    /// Largest change of brightness either way, as a share of the full range, 0…1.
    public var brightness: Float
    /// Largest change of contrast either way, as a share, 0…1; contrast is around the middle grey 127.5.
    public var contrast: Float
    /// Share of the chips that are blurred, 0…1.
    public var blur: Float
    /// Largest standard deviation of the blur, in pixels, 0…2.
    public var blurRadius: Float
    /// Share of the chips that lose their colours, 0…1.
    public var grey: Float
    /// Share of the chips of which a rectangle is erased, 0…1.
    public var erasing: Float
    /// Largest area of that rectangle, as a share of the chip, 0…1; the smallest is a tenth of it.
    public var erasedArea: Float

    /// Every part that is not given is left out.
    public init(
        mirror: Float = 0, shift: Float = 0, zoom: Float = 0, rotation: Float = 0, brightness: Float = 0,
        contrast: Float = 0, blur: Float = 0, blurRadius: Float = 1, grey: Float = 0, erasing: Float = 0,
        erasedArea: Float = 0.15
    ) {
        self.mirror = mirror
        self.shift = shift
        self.zoom = zoom
        self.rotation = rotation
        self.brightness = brightness
        self.contrast = contrast
        self.blur = blur
        self.blurRadius = blurRadius
        self.grey = grey
        self.erasing = erasing
        self.erasedArea = erasedArea
    }

    /// Chips as they are.
    public static let none = Augmentation()

    /// What aligned faces bear without becoming other people's.
    public static let standard = Augmentation(
        mirror: 0.5, shift: 0.04, zoom: 0.06, rotation: 6, brightness: 0.12, contrast: 0.25, blur: 0.1,
        blurRadius: 1, grey: 0.1, erasing: 0.2, erasedArea: 0.12)

    /// Checks every part.
    ///
    /// - Throws: `badArgument` with the part that is outside its range.
    public func check() throws(TrainingError) {
        let parts: [(String, Float, ClosedRange<Float>)] = [
            ("mirror", mirror, 0...1), ("shift", shift, 0...0.5), ("zoom", zoom, 0...1),
            ("rotation", rotation, 0...180), ("brightness", brightness, 0...1), ("contrast", contrast, 0...1),
            ("blur", blur, 0...1), ("blurRadius", blurRadius, 0...2), ("grey", grey, 0...1),
            ("erasing", erasing, 0...1), ("erasedArea", erasedArea, 0...1),
        ]
        // NaN is in no range.
        for (name, value, range) in parts where !range.contains(value) {
            throw .badArgument(
                name: "augmentation's \(name)",
                reason: "is \(value), outside \(range.lowerBound)...\(range.upperBound)")
        }
    }
}

/// How a pixel becomes a network's input: `(pixel - mean) × scale`, per channel.
public struct Normalisation: Codable, Sendable, Equatable {
    /// Subtracted from red, green and blue (0…255).
    public let mean: [Float]
    /// Multiplied after the mean is subtracted.
    public let scale: Float

    /// - Throws: `badArgument` unless there are three finite means and a scale above 0.
    public init(mean: [Float], scale: Float) throws(TrainingError) {
        guard mean.count == 3, mean.allSatisfy(\.isFinite) else {
            throw .badArgument(name: "the mean", reason: "is \(mean), not three finite numbers")
        }
        guard scale.isFinite, scale > 0 else {
            throw .badArgument(name: "the scale", reason: "is \(scale), not above 0")
        }
        self.mean = mean
        self.scale = scale
    }
}
