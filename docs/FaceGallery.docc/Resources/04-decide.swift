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

for face in try await encoder.faces(in: .path("party.jpg"), on: .shared) {
    let answer = try await gallery.identify(face.template, on: .shared)
    switch answer.decision {
    case .match: print("This is", answer.candidates[0].subject)
    case .ambiguous: print("Either", answer.candidates[0].subject, "or", answer.candidates[1].subject)
    case .review: print("Please look: perhaps", answer.candidates[0].subject)
    case .unknown: print("Nobody who is enrolled")
    }
}
