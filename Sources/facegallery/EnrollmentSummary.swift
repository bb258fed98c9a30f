import Gallery

/// What an enrolment job did.
struct EnrollmentSummary: Encodable {
    var enrolled: Int
    var present: Int
    var refused: Int

    func print(on console: Console, noun: String) throws {
        console.note(
            "\(enrolled) \(noun)\(enrolled == 1 ? "" : "s") enrolled, \(present) enrolled before, \(refused) refused"
        )
        if console.json { try console.print(json: self) }
    }
}

extension FaceGallery {
    /// Settles after a job, and says that nothing is lost where that fails.
    func settle(telling console: Console) throws(GalleryError) {
        do throws(GalleryError) { try settle() } catch {
            console.note("the index could not be saved; what is enrolled is safe, and found all the same")
            throw error
        }
    }
}
