import Enrollment
import Foundation

if !FileManager.default.fileExists(atPath: "faces") {
    let network = try ModelCache.standard.card(ofNetwork: ModelCache.defaultNetwork)
    try FaceGallery.create(at: "faces", network: network)
}

let gallery = try FaceGallery(at: "faces")
let encoder = try PhotoEncoder(of: gallery)
for try await photo in PhotoEnrollment(into: gallery, encoder: encoder).events(.paths(["people/"])) {
    switch photo.event {
    case .enrolled(let enrolled): print(enrolled.photo.path, "is", enrolled.subject)
    case .refused(let item, _, let refusal): print(item.path, refusal.message)
    default: break
    }
}
