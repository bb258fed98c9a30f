import Enrollment
import Foundation

if !FileManager.default.fileExists(atPath: "faces") {
    let network = try ModelCache.standard.card(ofNetwork: ModelCache.defaultNetwork)
    try FaceGallery.create(at: "faces", network: network)
}
