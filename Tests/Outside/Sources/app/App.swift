import Enrollment

/// Enrols a folder of people and shows progress, asks from eight tasks at once who is in a photo, and removes that person.
@main struct App {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let (gallery, people, probe) = (arguments[1], arguments[2], arguments[3])
        let network = try ModelCache.standard.card(ofNetwork: ModelCache.defaultNetwork)
        try FaceGallery.create(at: gallery, network: network)
        let faces = try FaceGallery(at: gallery)
        let encoder = try PhotoEncoder(of: faces)

        for try await photo in PhotoEnrollment(into: faces, encoder: encoder).events(.paths([people])) {
            switch photo.event {
            case .enrolled(let enrolled): print("\(photo.summary.done) done: \(enrolled.subject) is enrolled")
            case .refused(let item, _, let refusal) where refusal.reason == .unreadable:
                print("\(photo.summary.done) done: \(item.subject)'s file is no photo")
            case .refused(_, _, let refusal): print("\(photo.summary.done) done: refused, \(refusal.reason)")
            default: break
            }
        }

        guard let face = try await encoder.faces(in: .path(probe), on: .shared).first else { return }
        let answers = try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                group.addTask { () -> Answer? in
                    // The last of them changes its mind.
                    if number == 7 { withUnsafeCurrentTask { $0?.cancel() } }
                    do {
                        return try await faces.identify(face.template, on: .shared)
                    } catch is CancellationError { return nil }
                }
            }
            var answers: [Answer?] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
        let named = answers.compactMap { $0?.decision == .match ? $0?.candidates.first?.subject : nil }
        let cancelled = answers.count { $0 == nil }
        print("\(named.count) of \(answers.count) tasks say \(Set(named).sorted()), \(cancelled) cancelled")

        let removed = try await faces.remove(subject: named[0], on: .shared)
        let again = try await faces.identify(face.template, on: .shared)
        print("\(removed) reference removed, the face is \(again.decision) now")
    }
}
