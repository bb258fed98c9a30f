import FaceImage
import GalleryModel
import Network
import Synchronization
import TemplateStore

/// A face that a new template is made of.
struct FoundFace: Sendable {
    let face: DetectedFace
    /// What is recorded of it.
    let quality: ReferenceQuality
    let isFromChip: Bool

    /// A face of a photo.
    init(_ face: DetectedFace) {
        (self.face, isFromChip) = (face, false)
        quality = ReferenceQuality(face.face)
    }

    /// A face of a kept picture, whose size and score were measured in the photo.
    init(_ face: DetectedFace, of kept: KeptFace, _ recorded: ReferenceQuality?) {
        (self.face, isFromChip) = (face, true)
        var quality = ReferenceQuality(face.face)
        if let recorded {
            let scale = Double(recorded.faceSize) / Double(max(1, min(kept.box.width, kept.box.height)))
            quality.faceSize = Int((Double(quality.faceSize) * scale).rounded())
            // Nothing was looked for.
            if face.face.score == 0 { quality.score = recorded.score }
        }
        self.quality = quality
    }
}

/// Where workers find the chips of a gallery, as long as it is open.
final class ChipSource: Sendable {
    private let store = Mutex<TemplateStore?>(nil)

    func open(_ store: TemplateStore) { self.store.withLock { $0 = store } }

    func close() { store.withLock { $0 = nil } }

    /// The chip of a reference; nil if there is none, or the gallery is closed.
    func chip(of id: ReferenceID) throws(StoreError) -> ReferenceChip? {
        guard let store = store.withLock({ $0 }) else { return nil }
        return try store.read { reader throws(StoreError) in try reader.chip(of: id) }
    }
}

extension MigrationWorker {
    /// Why no new template can be made.
    struct Missing: Error { let reference: MissingReference }

    /// The face that was enrolled, in its chip.
    ///
    /// - Parameter missing: why its photo does not serve.
    /// - Throws: what is not a fault of the chip.
    func lookAtChip(of item: MigrationItem, _ missing: Missing) throws(GalleryError) -> Result<
        FoundFace, Missing
    > {
        let name = "the chip of reference \(item.id)"
        func failure(_ reason: MissingReference.Reason, _ message: String) -> Result<FoundFace, Missing> {
            .failure(Missing(reference: item.missing(reason, "\(missing.reference.message); \(message)")))
        }
        do throws(GalleryError) {
            let chip = try wrap { () throws(StoreError) in try chips.chip(of: item.id) }
            guard let kept = chip.map({ KeptFace($0) }) else { return .failure(missing) }
            let faces = try encoder.faces(of: kept, named: name)
            guard let face = faces.first else {
                return failure(.noFace, "\(name) shows no face that the network can use")
            }
            guard faces.count == 1 || settings.takesLargestFace else {
                return failure(.severalFaces, "\(name) shows \(faces.count) faces")
            }
            return .success(FoundFace(face, of: kept, item.quality))
        } catch .store(.damaged) {
            return failure(.damagedChip, "\(name) fails its checksum")
        } catch .photo(let error) where error.kind == .badData {
            return failure(.damagedChip, "\(error)")
        }
    }
}
