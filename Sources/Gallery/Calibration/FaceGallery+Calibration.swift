internal import Evaluation
internal import FoundationEssentials
internal import GalleryModel
internal import Synchronization

extension FaceGallery {
    private static let calibrationNote = GalleryNote("calibration")

    /// What `calibrate` measured; nil if the gallery was not calibrated, or its network was changed since.
    ///
    /// - Throws: `.store` with `damaged` where what is stored cannot be read.
    public func calibration() throws(GalleryError) -> GalleryCalibration? {
        try read { state throws(StoreError) in try calibration(state) }
    }

    /// Stores a calibration in place of the one before; nil forgets it.
    ///
    /// Durable when this returns.
    ///
    /// - Throws: `.badArgument` for numbers that no calibration has; `.store`.
    public func keep(_ calibration: GalleryCalibration?) throws(GalleryError) {
        var bytes: [UInt8]?
        if let calibration {
            do throws(EvaluationError) { try calibration.check() } catch { throw .badArgument("\(error)") }
            guard let data = try? JSONEncoder().encode(calibration) else {
                throw .badArgument("the calibration holds a number that cannot be written")
            }
            bytes = [UInt8](data)
        }
        try wrap { () throws(StoreError) in try storage.keep(bytes, as: Self.calibrationNote) }
    }

    func calibration(_ state: any GalleryReading) throws(StoreError) -> GalleryCalibration? {
        guard let bytes = try state.note(Self.calibrationNote) else { return nil }
        if let known = calibrations.known(bytes) { return known.valid(for: settings.networkFingerprint) }
        guard let calibration = try? JSONDecoder().decode(GalleryCalibration.self, from: Data(bytes)),
            (try? calibration.check()) != nil
        else {
            throw damaged("its calibration cannot be read; measure it again with 'calibrate'")
        }
        calibrations.remember(calibration, bytes)
        return calibration.valid(for: settings.networkFingerprint)
    }

    /// What of the gallery's calibration counts for a search; nil if there is none, or it is about another fusion.
    ///
    /// - Throws: `misuse` where the search asks for a target that cannot be met.
    func calibratedSearch(
        _ search: Search, _ state: any GalleryReading
    ) throws(StoreError) -> CalibratedSearch? {
        let calibration = try calibration(state)
        guard search.fusion == .max, let calibration else {
            guard search.targetFPIR == nil else {
                throw .misuse(
                    reason: calibration == nil
                        ? "a share of false positives (FPIR) needs a calibrated gallery, and this one is not: measure "
                            + "it with 'calibrate', or give a similarity"
                        : "the calibration is about the most similar reference of a subject, not about their mean"
                )
            }
            return nil
        }
        let references = try storage.size().references
        do throws(EvaluationError) {
            if let target = search.targetFPIR { try calibration.requireTold(target) }
            let target = search.targetFPIR ?? calibration.targetFPIR
            return CalibratedSearch(
                calibration: calibration, references: references, target: target,
                threshold: try calibration.threshold(target: target, references: references),
                review: try calibration.reviewFPIR.map { rate throws(EvaluationError) in
                    try calibration.threshold(target: rate, references: references)
                })
        } catch { throw .misuse(reason: "\(error)") }
    }
}

extension GalleryCalibration {
    fileprivate func valid(for fingerprint: String) -> GalleryCalibration? {
        fingerprint == self.fingerprint ? self : nil
    }
}

/// A calibration as one search uses it.
struct CalibratedSearch {
    let calibration: GalleryCalibration
    let references: Int
    let target: Double
    let threshold: Double
    let review: Double?

    /// What it says of the best similarity, where `threshold` decided.
    func answer(best: Float?, threshold: Double?) -> CalibratedAnswer {
        let probability = best.flatMap {
            calibration.probability(ofBest: Double($0), references: references)
        }
        return CalibratedAnswer(
            targetFPIR: threshold == self.threshold ? target : nil, probability: probability,
            prior: probability == nil ? nil : calibration.prior)
    }
}

/// The calibration that was read last: reading it again for each search would take as long as a search.
final class CalibrationMemory: Sendable {
    private let last = Mutex<(bytes: [UInt8], calibration: GalleryCalibration)?>(nil)

    /// The calibration of these bytes, if they are the last ones.
    func known(_ bytes: [UInt8]) -> GalleryCalibration? {
        last.withLock { $0?.bytes == bytes ? $0?.calibration : nil }
    }

    func remember(_ calibration: GalleryCalibration, _ bytes: [UInt8]) {
        last.withLock { $0 = (bytes, calibration) }
    }
}
