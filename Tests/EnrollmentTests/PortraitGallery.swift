import Enrollment
import Foundation
import TestSupport

/// A gallery in a folder of its own, with the portraits that the set-up fetches.
struct PortraitGallery {
    static let hasModels = FileManager.default.fileExists(atPath: ModelCache.standard.yuNet)

    let folder: TemporaryFolder
    let gallery: FaceGallery
    let encoder: PhotoEncoder

    init() throws {
        folder = try TemporaryFolder()
        let card = try ModelCache.standard.card(ofNetwork: ModelCache.defaultNetwork)
        try FaceGallery.create(at: folder.file("faces"), network: card)
        gallery = try FaceGallery(at: folder.file("faces"))
        encoder = try PhotoEncoder(of: gallery)
    }

    /// Copies a portrait to a path in the folder, in the place of what was there.
    func copy(_ portrait: String, to path: String) throws {
        let target = URL(fileURLWithPath: folder.file(path))
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? FileManager.default.removeItem(at: target)
        try FileManager.default.copyItem(
            atPath: "\(ModelCache.standard.path)/photos/\(portrait)", toPath: target.path)
    }
}
