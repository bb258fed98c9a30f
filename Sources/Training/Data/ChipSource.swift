public import FaceImage

/// How a photo becomes a chip: through the face detector, or whole.
///
/// Any number of threads may use one at once.
public struct ChipSource: Sendable {
    /// What of a photo is taken.
    public enum Cut: Sendable, Equatable {
        /// The largest face, turned upright by dlib's five landmarks (`dlib-5-point`), with `padding` around it.
        case face(padding: Double)
        /// The largest face, brought to a template of five points (`five-point-template`).
        case template
        /// The whole photo, stretched to a square (`whole-photo`).
        case wholePhoto
    }

    /// Pixels across and down of a chip.
    public let side: Int
    /// What of a photo is taken.
    public let cut: Cut
    /// The largest photo that is decoded.
    public let limits: DecodeLimits
    private let detector: FaceDetector?

    /// Loads the detector where faces are to be found.
    ///
    /// - Parameters:
    ///   - side: 16…1024.
    ///   - cut: what of a photo is taken.
    ///   - landmarkModel: path of dlib's `shape_predictor_5_face_landmarks.dat`; unused but for `face`.
    ///   - detector: what cuts for `template`; unused for others.
    ///   - limits: the largest photo that is decoded.
    /// - Throws: `detector` for a model that is missing or wrong, or chips of another side; `badArgument` for the side.
    public init(
        side: Int, cut: Cut, landmarkModel: String, detector: FaceDetector? = nil,
        limits: DecodeLimits = .standard
    ) throws(TrainingError) {
        guard 16...1024 ~= side else {
            throw .badArgument(name: "the chips' side", reason: "is \(side), outside 16...1024")
        }
        self.side = side
        self.cut = cut
        self.limits = limits
        switch cut {
        case .wholePhoto: self.detector = nil
        case .template:
            guard let detector, detector.chipSide == side else {
                throw .badArgument(
                    name: "init", reason: "must be given again: it says how faces are cut")
            }
            self.detector = detector
        case .face(let padding):
            do throws(DetectorError) {
                self.detector = try FaceDetector(landmarkModel: landmarkModel, chipSide: side, padding: padding)
            } catch { throw .detector(error) }
        }
    }

    /// What tells chips cut like this from others of the same photo.
    var name: String {
        switch cut {
        case .face(let padding): "dlib-5-point \(side) \(padding) \(limits.pixels) 2"
        case .template: "five-point-template \(side) \(limits.pixels) 1"
        case .wholePhoto: "whole-photo \(side) \(limits.pixels) 1"
        }
    }

    /// Why a photo gives no chip.
    enum Refusal: Error {
        case noFace
        /// One line without the photo's path.
        case unreadable(String)
    }

    /// The chip of a photo.
    ///
    /// - Parameter shouldStop: asked while the photo is decoded; true ends that.
    func chip(
        of photo: String, shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws(Refusal) -> FaceChip {
        func unreadable(_ description: String) -> Refusal {
            let prefix = "\(photo): "
            return .unreadable(
                description.hasPrefix(prefix) ? String(description.dropFirst(prefix.count)) : description)
        }
        let picture: Photo
        do throws(PhotoError) {
            picture = try Photo(.path(photo), limits: limits, shouldStop: shouldStop)
        } catch {
            throw unreadable(error.description)
        }
        do throws(DetectorError) {
            guard let detector else { return try picture.stretched(toSide: side) }
            if let face = try detector.faces(in: picture).first { return face.chip }
        } catch { throw unreadable(error.description) }
        throw .noFace
    }
}
