internal import Concurrency
package import Enrollment
package import FaceImage
package import Gallery
internal import Network

/// Takes the faces of photos into a state; photos that it knows are read, and not looked at again.
package struct PhotoEmbedding: Sendable {
    /// What became of a photo.
    package enum Outcome: Sendable {
        /// Its faces were added: what they are, and their chips.
        case added(faces: [DetectedFace])
        /// The state has the same file already.
        case known
        /// It cannot be used.
        case refused(GalleryError)
    }

    private enum Work: Sendable {
        case known
        case faces(digest: String, [DetectedFace], [Float])
        case refused(GalleryError)
        case stopped
    }

    private let encoder: PhotoEncoder
    private let jobs: Int
    private let stop: any StopSignal

    /// - Parameters:
    ///   - encoder: of the network that the state's templates were made with.
    ///   - jobs: photos that are worked on at once, 1 or more.
    ///   - stop: ends the work early.
    package init(encoder: PhotoEncoder, jobs: Int, stop: any StopSignal) {
        (self.encoder, self.jobs, self.stop) = (encoder, jobs, stop)
    }

    /// Works through photos, or until the work is stopped; blocks.
    ///
    /// A photo without a face is added, too: it need not be looked at again.
    /// - Parameter tell: gets each photo, its digest, and the outcome, on the calling thread and in their order.
    /// - Throws: what `tell` throws, `PhotoClusterError`; the state then has what was told.
    package func run(
        _ photos: [PhotoItem], into state: inout ClusterState,
        tell: (PhotoItem, _ digest: String, Outcome) throws -> Void
    ) throws {
        let (encoder, stop, known) = (encoder, stop, state.digests)
        try inOrder(photos, width: jobs) { item -> (digest: String, work: Work) in
            if stop.isRequested { return ("", .stopped) }
            do throws(GalleryError) {
                let file = try encoder.read(item)
                let digest = SHA256.hex(of: file.bytes)
                if known.contains(digest) { return (digest, .known) }
                do throws(GalleryError) {
                    let detected = try encoder.detectedFaces(in: file)
                    let templates = try encoder.encode(detected).flatMap(\.template)
                    return (digest, .faces(digest: digest, detected, templates))
                } catch .noFace { return (digest, .faces(digest: digest, [], [])) }
            } catch .photo(.stopped) { return ("", .stopped) } catch { return ("", .refused(error)) }
        } deliver: { item, result in
            switch result.work {
            case .stopped: break
            case .refused(let error): try tell(item, "", .refused(error))
            case .known:
                _ = state.meet(digest: result.digest, at: item.path)
                try tell(item, result.digest, .known)
            case .faces(let digest, let detected, let templates):
                // The same file twice among these photos.
                if state.meet(digest: digest, at: item.path) { return try tell(item, digest, .known) }
                try state.add(
                    digest: digest, path: item.path,
                    faces: detected.map {
                        let box = $0.face.box
                        return ([box.x, box.y, box.width, box.height], $0.face.score, $0.face.isDoubtful)
                    }, templates: templates)
                try tell(item, digest, .added(faces: detected))
            }
        }
    }
}
